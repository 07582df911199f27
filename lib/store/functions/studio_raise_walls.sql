-- Keep tenants apart by row-level security, for the role that the app works with. The owner runs it at each start: a
-- table that a revision adds, or a role that got rights since, is found then. It changes only what is not yet so,
-- because each change locks its table. It returns every role with rights on the tables of other programs, and what
-- the role sees there; a row that says 'would lose its rows' or
-- 'owns it, and raises no wall' means that nothing was changed on that table.
--
-- A transaction names one tenant (app.tenant_id), or several to be read and counted together (app.tenant_ids, an array).
-- A policy reads the settings in subqueries, so that they are read once a statement. A policy of an earlier release,
-- which knew one tenant only, is replaced.
CREATE OR REPLACE FUNCTION studio_raise_walls(app_role name)
RETURNS TABLE (on_table text, for_role text, sees text)
LANGUAGE plpgsql SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
    named CONSTANT text := $named$(%1$s = (SELECT nullif(current_setting('app.tenant_id', true), ''))
        OR %1$s IN (SELECT unnest(CAST(nullif(current_setting('app.tenant_ids', true), '') AS text[]))))$named$;
    mine text := format(named, 'tenant_id');
    app CONSTANT oid := app_role::regrole;
    walled pg_class;
    others oid[];
    losing oid;
BEGIN
    -- Our own tables: everybody sees the named tenant's rows. The owner sees all, for migrations, recounts, backups
    -- and the functions that run as the owner. FORCE, so that a new owner sees nothing until the next start.
    FOR walled IN
        SELECT c.* FROM pg_class AS c
        WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'studio_tenants'::regclass)
          AND c.relname LIKE 'studio\_%' AND c.relkind IN ('r', 'p')
          AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'tenant_id' AND NOT attisdropped)
        ORDER BY c.relname
    LOOP
        IF NOT (walled.relrowsecurity AND walled.relforcerowsecurity) THEN
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', walled.oid::regclass);
        END IF;
        IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = walled.oid AND polname = 'studio_tenant'
                       AND pg_get_expr(polqual, polrelid) LIKE '%app.tenant_ids%') THEN
            EXECUTE format('DROP POLICY IF EXISTS studio_tenant ON %s', walled.oid::regclass);
            EXECUTE format('CREATE POLICY studio_tenant ON %s USING %s WITH CHECK %2$s', walled.oid::regclass, mine);
        END IF;
        IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = walled.oid AND polname = 'studio_owner'
                       AND polroles = ARRAY[walled.relowner]) THEN
            EXECUTE format('DROP POLICY IF EXISTS studio_owner ON %s', walled.oid::regclass);
            EXECUTE format('CREATE POLICY studio_owner ON %s TO %s USING (true) WITH CHECK (true)',
                walled.oid::regclass, walled.relowner::regrole);
        END IF;
    END LOOP;

    -- The tables of other programs: the wall is for the app's role alone.
    FOR walled IN SELECT * FROM pg_class WHERE oid IN ('instagram_feeds'::regclass, to_regclass('jobs')) LOOP
        CONTINUE WHEN NOT EXISTS (
            SELECT FROM pg_attribute WHERE attrelid = walled.oid AND attname = 'tenant_id' AND NOT attisdropped);
        others := ARRAY(
            SELECT DISTINCT grantee FROM (
                SELECT (aclexplode(walled.relacl)).grantee
                UNION ALL
                SELECT (aclexplode(attacl)).grantee FROM pg_attribute WHERE attrelid = walled.oid
                UNION ALL
                SELECT walled.relowner
            ) AS acl WHERE grantee <> app ORDER BY grantee);
        losing := (
            SELECT r.oid FROM pg_roles AS r
            WHERE r.oid <> app AND NOT r.rolsuper AND NOT r.rolbypassrls
              AND pg_has_role(r.oid, app, 'USAGE') AND NOT pg_has_role(r.oid, walled.relowner, 'USAGE')
            ORDER BY r.oid LIMIT 1);
        RETURN QUERY
            SELECT walled.relname::text, CASE WHEN role_oid = 0 THEN 'PUBLIC' ELSE role_oid::regrole::text END,
                CASE WHEN role_oid = app THEN 'the named tenant''s rows' ELSE 'all rows' END
            FROM unnest(app || others) AS role_oid;
        IF losing IS NOT NULL THEN
            RETURN QUERY SELECT walled.relname::text, losing::regrole::text, 'would lose its rows';
            CONTINUE;
        ELSIF NOT pg_has_role(current_user, walled.relowner, 'USAGE') THEN
            RETURN QUERY SELECT walled.relname::text, walled.relowner::regrole::text, 'owns it, and raises no wall';
            CONTINUE;
        END IF;
        -- Where the customer had row-level security already, their own policies go on ruling their roles: the policy
        -- for others is there if and only if it was switched on here.
        IF (NOT walled.relrowsecurity
            OR EXISTS (SELECT FROM pg_policy WHERE polrelid = walled.oid AND polname = 'studio_others'))
           AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = walled.oid AND polname = 'studio_others'
                           AND polroles @> others AND polroles <@ others) THEN
            EXECUTE format('DROP POLICY IF EXISTS studio_others ON %s', walled.oid::regclass);
            EXECUTE format('CREATE POLICY studio_others ON %s TO %s USING (true) WITH CHECK (true)',
                walled.oid::regclass,
                (SELECT string_agg(CASE WHEN role_oid = 0 THEN 'PUBLIC' ELSE role_oid::regrole::text END, ', ')
                 FROM unnest(others) AS role_oid));
        END IF;
        IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = walled.oid AND polname = 'studio_app'
                       AND polroles = ARRAY[app] AND pg_get_expr(polqual, polrelid) LIKE '%app.tenant_ids%') THEN
            mine := format(named, format('studio_tenant_of(%I)', walled.relname));
            EXECUTE format('DROP POLICY IF EXISTS studio_wall ON %s', walled.oid::regclass);
            EXECUTE format('DROP POLICY IF EXISTS studio_app ON %s', walled.oid::regclass);
            EXECUTE format('CREATE POLICY studio_wall ON %s AS RESTRICTIVE TO %s USING %s WITH CHECK %3$s',
                walled.oid::regclass, app::regrole, mine);
            EXECUTE format('CREATE POLICY studio_app ON %s TO %s USING %s WITH CHECK %3$s',
                walled.oid::regclass, app::regrole, mine);
        END IF;
        IF NOT walled.relrowsecurity THEN
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', walled.oid::regclass);
        END IF;
    END LOOP;
END $$;

REVOKE EXECUTE ON FUNCTION studio_raise_walls FROM PUBLIC;
