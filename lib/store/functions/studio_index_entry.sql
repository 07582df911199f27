-- The row of studio_feed_index that belongs to a feed: everything that lists and searches look for.
-- Of each text the first 5,000 characters are searched: Instagram takes 2,200, and the programs that store millions must
-- not wait for the index.
CREATE OR REPLACE FUNCTION studio_index_entry(feed instagram_feeds) RETURNS SETOF studio_feed_index
LANGUAGE sql STABLE AS $$
    SELECT feed.tenant_id, feed.instagram_feed_id, studio_instant(feed.created_at), feed.latency_ms,
        ARRAY(
            SELECT studio_facet(feed.tenant_id, facet)
            FROM unnest(ARRAY[
                studio_week(studio_instant(feed.created_at)),
                'model:' || studio_value(feed.gpt_model_name),
                'tone:' || studio_found_by(feed.tone_style),
                'job:' || coalesce(feed.job_id::text, '-'),
                'overlay:' || coalesce(feed.overlay_id::text, '-'),
                'source:' || coalesce(made.source, 'pipeline'),
                'prompt:' || coalesce(made.prompt_version, '-'),
                'experiment:' || (made.experiment ->> 'id'),
                'experiment:' || (made.experiment ->> 'id') || ':' || (made.experiment ->> 'variant'),
                'status:' || coalesce(state.status, 'draft'),
                CASE WHEN state.status = 'archived' THEN NULL ELSE 'live' END,
                CASE WHEN state.favourite THEN 'favourite' END
            ]) AS facet WHERE facet IS NOT NULL
            UNION ALL
            SELECT studio_facet(feed.tenant_id, '#' || tag)
            FROM studio_hashtags(
                studio_folded(left(feed.hashtags, 5000)), studio_folded(left(feed.instagram_ad_copy, 5000))) AS tag
        ),
        studio_searched(concat_ws(E'\x02', left(feed.instagram_ad_copy, 5000), left(feed.hashtags, 5000),
            left(feed.product_description, 5000), left(feed.refined_ad_copy_eng, 5000),
            left(feed.store_information, 5000)))
    FROM (SELECT) AS one
    LEFT JOIN studio_feed_states AS state
        ON state.tenant_id = feed.tenant_id AND state.feed_id = feed.instagram_feed_id
    LEFT JOIN LATERAL (
        SELECT source, prompt_version, options -> 'experiment' AS experiment FROM studio_generations
        WHERE tenant_id = feed.tenant_id AND instagram_feed_id = feed.instagram_feed_id LIMIT 1
    ) AS made ON true
$$;
