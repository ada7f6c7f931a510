"""What pages show, as pure functions of values: nothing here knows Django."""
