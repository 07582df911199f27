-- Store each change of a caption as a version; the first change also stores the text before it. The app says by
-- settings of the transaction who makes the change and how. The change of a program that says nothing is of the kind
-- 'outside', without a name.
CREATE OR REPLACE FUNCTION studio_keep_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
    newest integer;
BEGIN
    -- Asked here and not by the trigger: the owner of the table could not change the type of a column that it names.
    IF (OLD.tenant_id, OLD.instagram_feed_id) <> (NEW.tenant_id, NEW.instagram_feed_id)
        OR (OLD.instagram_ad_copy, OLD.hashtags) IS NOT DISTINCT FROM (NEW.instagram_ad_copy, NEW.hashtags)
    THEN
        RETURN NULL;
    END IF;
    SELECT max(number) INTO newest FROM studio_feed_versions
    WHERE tenant_id = NEW.tenant_id AND feed_id = NEW.instagram_feed_id;
    IF newest IS NULL THEN
        newest := 1;
        INSERT INTO studio_feed_versions
        VALUES (NEW.tenant_id, NEW.instagram_feed_id, newest, OLD.instagram_ad_copy, OLD.hashtags, 'original',
                NULL, NULL, coalesce(OLD.created_at, OLD.updated_at, clock_timestamp()));
    END IF;
    INSERT INTO studio_feed_versions
    VALUES (NEW.tenant_id, NEW.instagram_feed_id, newest + 1, NEW.instagram_ad_copy, NEW.hashtags,
            CASE WHEN current_setting('app.change', true) IN ('edit', 'restore')
                 THEN current_setting('app.change', true) ELSE 'outside' END,
            nullif(current_setting('app.restored', true), '')::integer,
            nullif(current_setting('app.person', true), ''), clock_timestamp());
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION studio_keep_version FROM PUBLIC;

CREATE OR REPLACE TRIGGER studio_keep_version AFTER UPDATE ON instagram_feeds
    FOR EACH ROW EXECUTE FUNCTION studio_keep_version();
