-- Price sorting out for the rest of this transaction, and compiling what is then dear.
SELECT set_config('enable_sort', 'off', true), set_config('jit', 'off', true)
