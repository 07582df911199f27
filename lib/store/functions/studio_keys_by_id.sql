-- The API keys with this public id. It runs as the owner because the key says which tenant is asking: before it is
-- found, no tenant can be named. Once a transaction has named a tenant, it finds that tenant's keys only.
CREATE OR REPLACE FUNCTION studio_keys_by_id(id text) RETURNS SETOF studio_api_keys
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
    SELECT k.* FROM studio_api_keys AS k
    WHERE k.key_id = id
      AND k.tenant_id = coalesce(nullif(current_setting('app.tenant_id', true), ''), k.tenant_id)
$$;

REVOKE EXECUTE ON FUNCTION studio_keys_by_id FROM PUBLIC;
