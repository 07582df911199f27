-- Keep studio_feed_index in step with every INSERT, UPDATE and DELETE on instagram_feeds, whichever program makes it.
-- It runs as the owner, because other programs know nothing of our tables and name no tenant.
CREATE OR REPLACE FUNCTION studio_index_feed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
    feed instagram_feeds;
BEGIN
    -- Asked here and not by the trigger: the owner of the table could not change the type of a column that it names.
    IF TG_OP = 'UPDATE' AND
        (OLD.tenant_id, OLD.instagram_feed_id, OLD.created_at, OLD.latency_ms, OLD.gpt_model_name, OLD.tone_style,
         OLD.job_id, OLD.overlay_id, OLD.hashtags, OLD.instagram_ad_copy, OLD.product_description,
         OLD.refined_ad_copy_eng, OLD.store_information)
        IS NOT DISTINCT FROM
        (NEW.tenant_id, NEW.instagram_feed_id, NEW.created_at, NEW.latency_ms, NEW.gpt_model_name, NEW.tone_style,
         NEW.job_id, NEW.overlay_id, NEW.hashtags, NEW.instagram_ad_copy, NEW.product_description,
         NEW.refined_ad_copy_eng, NEW.store_information)
    THEN
        RETURN NULL;
    END IF;
    -- A feed that goes to another tenant leaves behind who changed it here, and why: not theirs to know.
    IF TG_OP = 'DELETE' OR (OLD.tenant_id, OLD.instagram_feed_id) <> (NEW.tenant_id, NEW.instagram_feed_id) THEN
        DELETE FROM studio_feed_index WHERE tenant_id = OLD.tenant_id AND feed_id = OLD.instagram_feed_id;
        DELETE FROM studio_feed_states WHERE tenant_id = OLD.tenant_id AND feed_id = OLD.instagram_feed_id;
        DELETE FROM studio_feed_moves WHERE tenant_id = OLD.tenant_id AND feed_id = OLD.instagram_feed_id;
        DELETE FROM studio_feed_versions WHERE tenant_id = OLD.tenant_id AND feed_id = OLD.instagram_feed_id;
        DELETE FROM studio_feed_results WHERE tenant_id = OLD.tenant_id AND feed_id = OLD.instagram_feed_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        -- Without what is not indexed: a row of megabytes would be copied for each mention of it in the next statement.
        feed := NEW;
        feed.instagram_ad_copy := left(NEW.instagram_ad_copy, 5000);
        feed.hashtags := left(NEW.hashtags, 5000);
        feed.product_description := left(NEW.product_description, 5000);
        feed.refined_ad_copy_eng := left(NEW.refined_ad_copy_eng, 5000);
        feed.store_information := left(NEW.store_information, 5000);
        feed.gpt_response_raw := NULL;
        INSERT INTO studio_feed_index SELECT entry.* FROM studio_index_entry(feed) AS entry
        ON CONFLICT (tenant_id, feed_id) DO UPDATE SET
            created_at = EXCLUDED.created_at, latency_ms = EXCLUDED.latency_ms,
            facets = EXCLUDED.facets, body = EXCLUDED.body;
    END IF;
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION studio_index_feed FROM PUBLIC;

CREATE OR REPLACE TRIGGER studio_index_new_feed AFTER INSERT OR DELETE ON instagram_feeds
    FOR EACH ROW EXECUTE FUNCTION studio_index_feed();

CREATE OR REPLACE TRIGGER studio_index_changed_feed AFTER UPDATE ON instagram_feeds
    FOR EACH ROW EXECUTE FUNCTION studio_index_feed();
