-- The batches with which something is to be done that no person does: 'resume' those whose pause is over, 'finish' those
-- that have no open row, 'economy' those that have rows for the Batch API or a file there, and send the 'webhook' of
-- those that have ended. The function runs as the owner, because a
-- worker serves every tenant and a transaction names one. A transaction that has named one gets no answer.
CREATE OR REPLACE FUNCTION studio_batches_due() RETURNS TABLE (tenant_id text, batch_id uuid, step text)
LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 5 SET search_path = pg_catalog, {schema}, pg_temp AS $$
    SELECT tenant_id, batch_id, step FROM (
        SELECT b.tenant_id, b.batch_id, CASE
            WHEN b.status = 'paused' AND b.resumes_at <= clock_timestamp() THEN 'resume'
            WHEN NOT EXISTS (
                SELECT FROM studio_batch_rows AS r
                WHERE r.tenant_id = b.tenant_id AND r.batch_id = b.batch_id AND r.status IN ('waiting', 'running')
            ) THEN 'finish' END AS step
        FROM studio_batches AS b WHERE b.ended_at IS NULL
        UNION ALL
        SELECT b.tenant_id, b.batch_id, 'economy' FROM studio_batches AS b
        WHERE b.economy AND b.ended_at IS NULL AND b.status IN ('queued', 'running')
          AND EXISTS (
            SELECT FROM studio_batch_rows AS r
            WHERE r.tenant_id = b.tenant_id AND r.batch_id = b.batch_id AND r.status = 'waiting'
              AND (r.not_before IS NULL OR r.not_before <= clock_timestamp()))
          AND NOT EXISTS (
            SELECT FROM studio_request_files AS f
            WHERE f.tenant_id = b.tenant_id AND f.batch_id = b.batch_id AND f.ended_at IS NULL
              AND (f.status = 'filling' OR f.is_limited))
        UNION
        SELECT f.tenant_id, f.batch_id, 'economy' FROM studio_request_files AS f WHERE f.due_at <= clock_timestamp()
        UNION ALL
        SELECT b.tenant_id, b.batch_id, 'webhook' FROM studio_batches AS b WHERE b.webhook_due_at <= clock_timestamp()
    ) AS due (tenant_id, batch_id, step)
    WHERE step IS NOT NULL AND nullif(current_setting('app.tenant_id', true), '') IS NULL
$$;

REVOKE EXECUTE ON FUNCTION studio_batches_due FROM PUBLIC;
