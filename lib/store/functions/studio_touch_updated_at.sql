-- Set updated_at at every UPDATE, whichever program makes it: an edit is refused when updated_at is not what its
-- author saw. clock_timestamp() and not now(): a transaction that began earlier but updates later must not set the
-- clock back, and two changes in one transaction must differ.
CREATE OR REPLACE FUNCTION studio_touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at = pg_catalog.clock_timestamp();
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER studio_touch_updated_at BEFORE UPDATE ON instagram_feeds
    FOR EACH ROW EXECUTE FUNCTION studio_touch_updated_at();
