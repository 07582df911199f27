-- Empty the tables that belong to feeds when somebody truncates instagram_feeds: no row trigger fires then.
CREATE OR REPLACE FUNCTION studio_forget_feeds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    TRUNCATE studio_feed_index, studio_feed_states, studio_feed_moves, studio_feed_versions, studio_feed_findings,
        studio_feed_results;
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION studio_forget_feeds FROM PUBLIC;

CREATE OR REPLACE TRIGGER studio_forget_feeds AFTER TRUNCATE ON instagram_feeds
    FOR EACH STATEMENT EXECUTE FUNCTION studio_forget_feeds();
