-- Note that captions are to be checked: those that are new, and those whose text or brief changed, whichever program
-- writes them. One statement for all rows of a statement, so that a program that loads many hardly waits for it.
CREATE OR REPLACE FUNCTION studio_uncheck_feeds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM studio_feed_findings AS f USING old_rows AS o
        WHERE f.tenant_id = o.tenant_id AND f.feed_id = o.instagram_feed_id;
        RETURN NULL;
    ELSIF TG_OP = 'UPDATE' THEN
        DELETE FROM studio_feed_findings AS f USING old_rows AS o
        WHERE f.tenant_id = o.tenant_id AND f.feed_id = o.instagram_feed_id
            AND NOT EXISTS (SELECT FROM new_rows AS n
                WHERE n.tenant_id = o.tenant_id AND n.instagram_feed_id = o.instagram_feed_id);
        INSERT INTO studio_feed_findings AS f (tenant_id, feed_id, created_at)
        SELECT n.tenant_id, n.instagram_feed_id, studio_instant(n.created_at)
        FROM new_rows AS n
        LEFT JOIN old_rows AS o ON o.tenant_id = n.tenant_id AND o.instagram_feed_id = n.instagram_feed_id
        WHERE (o.instagram_ad_copy, o.hashtags, o.product_description, o.store_information, o.refined_ad_copy_eng,
               o.tone_style, o.gpt_prompt, o.gpt_prompt_used)
            IS DISTINCT FROM
              (n.instagram_ad_copy, n.hashtags, n.product_description, n.store_information, n.refined_ad_copy_eng,
               n.tone_style, n.gpt_prompt, n.gpt_prompt_used)
        ON CONFLICT (tenant_id, feed_id) DO UPDATE SET findings = NULL, kinds = '{}';
        RETURN NULL;
    END IF;
    INSERT INTO studio_feed_findings (tenant_id, feed_id, created_at)
    SELECT n.tenant_id, n.instagram_feed_id, studio_instant(n.created_at) FROM new_rows AS n
    ON CONFLICT (tenant_id, feed_id) DO UPDATE SET findings = NULL, kinds = '{}';
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION studio_uncheck_feeds FROM PUBLIC;

CREATE OR REPLACE TRIGGER studio_uncheck_new_feeds AFTER INSERT ON instagram_feeds
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_uncheck_feeds();

CREATE OR REPLACE TRIGGER studio_uncheck_changed_feeds AFTER UPDATE ON instagram_feeds
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_uncheck_feeds();

CREATE OR REPLACE TRIGGER studio_uncheck_deleted_feeds AFTER DELETE ON instagram_feeds
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_uncheck_feeds();
