-- The tenants with requests since an instant of which nobody knows whether they brought an answer. The function runs as
-- the owner, because an answer is looked for at OpenAI for every tenant. A transaction that has named one gets no answer.
CREATE OR REPLACE FUNCTION studio_unknown_tenants(since timestamptz) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER ROWS 5 SET search_path = pg_catalog, {schema}, pg_temp AS $$
    SELECT DISTINCT tenant_id FROM studio_attempts
    WHERE outcome = 'unknown' AND created_at >= since AND nullif(current_setting('app.tenant_id', true), '') IS NULL
$$;

REVOKE EXECUTE ON FUNCTION studio_unknown_tenants FROM PUBLIC;
