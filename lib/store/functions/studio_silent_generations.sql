-- The generations that nobody writes any more: the process that sends their last attempt was silent for longer than
-- silent_s seconds or is not on record, or the attempt names no process and is older than lost_s seconds. A file
-- for the Batch API sees to its attempts itself until it has ended. The function
-- runs as the owner, because a process outlives those of every tenant. A transaction that has named a tenant gets no
-- answer.
CREATE OR REPLACE FUNCTION studio_silent_generations(silent_s double precision, lost_s double precision)
RETURNS TABLE (tenant_id text, generation_id uuid)
LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 5 SET search_path = pg_catalog, {schema}, pg_temp AS $$
    SELECT g.tenant_id, g.generation_id
    FROM studio_generations AS g
    CROSS JOIN LATERAL (
        SELECT a.process_id, a.created_at FROM studio_attempts AS a
        WHERE a.tenant_id = g.tenant_id AND a.generation_id = g.generation_id ORDER BY a.number DESC LIMIT 1
    ) AS last
    LEFT JOIN studio_processes AS p ON p.process_id = last.process_id
    LEFT JOIN studio_request_files AS f ON f.tenant_id = g.tenant_id AND f.file_id = last.process_id
    WHERE g.finished_at IS NULL AND (f.file_id IS NULL OR f.ended_at IS NOT NULL)
      AND CASE WHEN last.process_id IS NULL THEN g.created_at < clock_timestamp() - make_interval(secs => lost_s)
               ELSE coalesce(p.seen_at < clock_timestamp() - make_interval(secs => silent_s), true) END
      AND nullif(current_setting('app.tenant_id', true), '') IS NULL
$$;

REVOKE EXECUTE ON FUNCTION studio_silent_generations FROM PUBLIC;
