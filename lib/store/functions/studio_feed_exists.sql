-- Whether a feed of this id exists, whoever's it is. It runs as the owner so that counting can tell a deleted row, whose
-- cost stays spent, from a row that moved to another tenant. It returns nothing of the row.
CREATE OR REPLACE FUNCTION studio_feed_exists(feed uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
    SELECT EXISTS (SELECT FROM instagram_feeds WHERE instagram_feed_id = feed)
$$;

REVOKE EXECUTE ON FUNCTION studio_feed_exists FROM PUBLIC;
