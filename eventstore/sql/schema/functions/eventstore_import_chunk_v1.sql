-- Store what is new of the lines that this transaction has laid out; reserved names pass.
--
-- A row for each line that was not stored, and nothing for the others: known (the same event
-- is stored), duplicate (its id belongs to another event), unredacted (known, but values that
-- the line lacks are still stored), version (its aggregate_version does not follow; version
-- is the one that comes next), limit; isolation with line 0.
-- Locks, versions and guards hold as in an append: aggregates are locked in the order of
-- their key, and whatever turns out different under the locks raises the private SQLSTATE
-- ES001, which takes all back, for another look. Each look knows more than the one before.
-- Look-ups are LATERAL with OFFSET 0: whatever the planner believes, an index walk a line.
CREATE FUNCTION {schema}.eventstore_import_chunk_v1(_renumber boolean)
RETURNS TABLE (line bigint, outcome text, version bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
SET enable_bitmapscan = off
SET work_mem = '32MB'
SET search_path = pg_catalog, {schema}, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    _me CONSTANT xid8 := pg_current_xact_id();
    _refused bigint[];
    _unfit bigint[] := '{}';
    _nexts bigint[] := '{}';
    _lines bigint[];
    _versions bigint[];
    _times timestamptz[];
    _aggregates bigint[];
    _bases bigint[];
    _given bigint[];
    _stored bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RETURN QUERY SELECT 0::bigint, 'isolation', NULL::bigint;
        RETURN;
    END IF;
    SELECT COALESCE(array_agg(s.line), '{}') INTO _refused
      FROM {schema}.eventstore_import_lines AS s
     WHERE s.transaction_id = _me
       AND NOT {schema}.eventstore_within_limits_v1(
           s.tenant_id, s.event_id, s.aggregate_type, s.aggregate_id, s.event_type,
           s.event_version, s.occurred_at, s.event_data, s.metadata);
    RETURN QUERY SELECT l.line, 'limit', NULL::bigint FROM unnest(_refused) AS l(line);

    LOOP
        BEGIN
            SELECT COALESCE(array_agg(c.line ORDER BY c.line), '{}') INTO _lines
              FROM (SELECT s.tenant_id, s.event_id, min(s.line) AS line
                      FROM {schema}.eventstore_import_lines AS s
                     WHERE s.transaction_id = _me
                       AND s.line <> ALL (_refused)
                     GROUP BY s.tenant_id, s.event_id) AS c
              LEFT JOIN LATERAL (
                   SELECT e.position
                     FROM {schema}.stored_domain_events AS e
                    WHERE e.tenant_id = c.tenant_id AND e.event_id = c.event_id
                   OFFSET 0) AS k ON true
             WHERE k.position IS NULL;
            EXIT WHEN cardinality(_lines) = 0;
            PERFORM {schema}.eventstore_enter_v1();
            PERFORM {schema}.eventstore_import_bump_v1(_lines);

            SELECT array_agg(n.aggregate ORDER BY n.line),
                   array_agg(a.current_version - n.events ORDER BY n.line),
                   array_agg(a.current_version - n.events + n.ordinal ORDER BY n.line),
                   array_agg(a.last_stored_at ORDER BY n.line),
                   array_agg(n.given ORDER BY n.line)
              INTO _aggregates, _bases, _versions, _times, _given
              FROM (SELECT s.line, s.tenant_id, s.aggregate_id, s.aggregate_type,
                           CASE WHEN NOT _renumber THEN s.aggregate_version END AS given,
                           row_number() OVER (same ORDER BY s.line) AS ordinal,
                           count(*) OVER same AS events,
                           min(s.line) OVER same AS aggregate
                      FROM {schema}.eventstore_import_lines AS s
                     WHERE s.transaction_id = _me
                       AND s.line = ANY (_lines)
                    WINDOW same AS (
                           PARTITION BY s.tenant_id COLLATE "C", s.aggregate_id COLLATE "C",
                                        s.aggregate_type COLLATE "C")) AS n
             CROSS JOIN LATERAL (
                   SELECT a.current_version, a.last_stored_at
                     FROM {schema}.event_aggregates AS a
                    WHERE a.tenant_id = n.tenant_id
                      AND a.aggregate_id = n.aggregate_id
                      AND a.aggregate_type = n.aggregate_type
                   OFFSET 0) AS a;
            IF EXISTS (SELECT FROM unnest(_given, _versions) AS v(given, version)
                        WHERE v.given <> v.version) THEN
                -- Unless another import has stored them while the locks were awaited.
                IF NOT {schema}.eventstore_import_any_stored_v1(_lines) THEN
                    SELECT _refused || array_agg(v.line), _unfit || array_agg(v.line),
                           _nexts || array_agg(v.version)
                      INTO _refused, _unfit, _nexts
                      FROM {schema}.eventstore_import_versions_v1(
                           _lines, _aggregates, _bases, _given) AS v
                     WHERE NOT v.fits;
                END IF;
                RAISE SQLSTATE 'ES001';
            END IF;

            _stored := {schema}.eventstore_import_store_v1(_lines, _versions, _times);
            IF _stored <> cardinality(_lines) THEN
                RAISE SQLSTATE 'ES001';
            END IF;
            EXIT;
        EXCEPTION WHEN SQLSTATE 'ES001' THEN
            _stored := NULL;
        END;
    END LOOP;

    RETURN QUERY SELECT u.line, 'version', u.version FROM unnest(_unfit, _nexts) AS u(line, version);
    RETURN QUERY SELECT j.line, j.outcome, j.version
                   FROM {schema}.eventstore_import_judge_v1(_lines || _refused) AS j;
    DELETE FROM {schema}.eventstore_import_lines AS s WHERE s.transaction_id = _me;
END
$function$;
