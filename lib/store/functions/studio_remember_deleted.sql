-- Remember which generations somebody deleted after they had ended, with a caption or with a whole team, so that no
-- server takes what it still has of their answers for lost. Of one that had not ended nothing was stored: whoever brings
-- its answer sets it aside. Neither does a TRUNCATE leave a mark, because it is how a database is emptied for a restore.
CREATE OR REPLACE FUNCTION studio_remember_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    -- Longer than a server keeps a trace, or is away.
    DELETE FROM studio_deleted_generations WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM studio_deleted_generations WHERE deleted_at < now() - INTERVAL '30 days'
        FOR UPDATE SKIP LOCKED
    ));
    INSERT INTO studio_deleted_generations (tenant_id, generation_id)
    SELECT tenant_id, generation_id FROM old_rows WHERE finished_at IS NOT NULL
    ON CONFLICT (tenant_id, generation_id) DO UPDATE SET deleted_at = excluded.deleted_at;
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION studio_remember_deleted FROM PUBLIC;

CREATE OR REPLACE TRIGGER studio_remember_deleted AFTER DELETE ON studio_generations
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION studio_remember_deleted();
