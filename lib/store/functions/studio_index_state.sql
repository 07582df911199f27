-- Index a feed again when its status or favourite mark changes.
CREATE OR REPLACE FUNCTION studio_index_state() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    PERFORM studio_refresh_entry(NEW.tenant_id, NEW.feed_id);
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION studio_index_state FROM PUBLIC;

CREATE OR REPLACE TRIGGER studio_index_state AFTER INSERT OR UPDATE ON studio_feed_states
    FOR EACH ROW EXECUTE FUNCTION studio_index_state();
