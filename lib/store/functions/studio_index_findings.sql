-- Put the kinds of a feed's findings into its index entry, whatever rewrites the entry; and rewrite it when they change.
CREATE OR REPLACE FUNCTION studio_index_findings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'studio_feed_index' THEN
        NEW.facets := NEW.facets || ARRAY(
            SELECT studio_facet(NEW.tenant_id, 'findings:' || kind)
            FROM studio_feed_findings AS f, unnest(f.kinds) AS kind
            WHERE f.tenant_id = NEW.tenant_id AND f.feed_id = NEW.feed_id);
        RETURN NEW;
    END IF;
    PERFORM studio_refresh_entry(NEW.tenant_id, NEW.feed_id);
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION studio_index_findings FROM PUBLIC;

CREATE OR REPLACE TRIGGER studio_index_findings AFTER UPDATE ON studio_feed_findings
    FOR EACH ROW WHEN (OLD.kinds IS DISTINCT FROM NEW.kinds) EXECUTE FUNCTION studio_index_findings();

CREATE OR REPLACE TRIGGER studio_add_findings BEFORE UPDATE OF facets ON studio_feed_index
    FOR EACH ROW EXECUTE FUNCTION studio_index_findings();
