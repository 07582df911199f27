-- The batches that have rows to be sent now one by one, by model: where a worker looks for work. The function runs as the owner,
-- because a worker serves every tenant and a transaction names one. A transaction that has named one gets no answer.
CREATE OR REPLACE FUNCTION studio_batch_lanes() RETURNS TABLE (tenant_id text, batch_id uuid, model text)
LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 20 SET search_path = pg_catalog, {schema}, pg_temp AS $$
    SELECT b.tenant_id, b.batch_id, m.model
    FROM studio_batches AS b
    CROSS JOIN LATERAL (
        -- From model to model by the index, however many rows each of them has.
        WITH RECURSIVE models AS (
            (SELECT r.model FROM studio_batch_rows AS r
             WHERE r.tenant_id = b.tenant_id AND r.batch_id = b.batch_id AND r.status = 'waiting'
             ORDER BY r.model LIMIT 1)
            UNION ALL
            SELECT (SELECT r.model FROM studio_batch_rows AS r
                    WHERE r.tenant_id = b.tenant_id AND r.batch_id = b.batch_id AND r.status = 'waiting'
                      AND r.model > models.model
                    ORDER BY r.model LIMIT 1)
            FROM models WHERE models.model IS NOT NULL
        )
        SELECT models.model FROM models WHERE models.model IS NOT NULL
    ) AS m
    LEFT JOIN studio_model_limits AS l ON l.tenant_id = b.tenant_id AND l.model = m.model
    WHERE b.ended_at IS NULL AND b.status IN ('queued', 'running') AND NOT b.economy
      AND (l.blocked_until IS NULL OR l.blocked_until <= clock_timestamp())
      AND EXISTS (
        SELECT FROM studio_batch_rows AS r
        WHERE r.tenant_id = b.tenant_id AND r.batch_id = b.batch_id AND r.status = 'waiting' AND r.model = m.model
          AND (r.not_before IS NULL OR r.not_before <= clock_timestamp()))
      AND nullif(current_setting('app.tenant_id', true), '') IS NULL
    ORDER BY b.created_at
$$;

REVOKE EXECUTE ON FUNCTION studio_batch_lanes FROM PUBLIC;
