-- The teams whose rows wait to be counted, or were counted by other rules: another version of the counting, another
-- edition of the price list, another time zone. '' is among them if counted days wait to be added up over all teams.
-- With everywhere, also teams that were never counted. The team of sample data, and those that begin with its name and
-- a hyphen, are left out. The queue is read from team to team by its primary key. The function runs as the owner,
-- because the page asks it about all teams at once; it tells names only. A transaction that has named one team gets no
-- answer.
CREATE OR REPLACE FUNCTION studio_teams_behind(
    counting text, edition text, usual_zone text, sample text, everywhere boolean
) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, {schema}, pg_temp AS $$
    WITH RECURSIVE waiting AS (
        (SELECT tenant_id FROM studio_metric_changes ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT changes.tenant_id FROM studio_metric_changes AS changes
                WHERE changes.tenant_id > waiting.tenant_id ORDER BY changes.tenant_id LIMIT 1)
        FROM waiting WHERE waiting.tenant_id IS NOT NULL
    ), zones AS MATERIALIZED (
        SELECT zone, concat(counting, ' · ', zone, ' ', studio_zone_rules(zone), ' · ', edition) AS counted_as
        FROM (SELECT usual_zone UNION SELECT time_zone FROM studio_tenant_settings) AS used (zone)
    )
    SELECT tenant_id FROM (
        SELECT tenant_id FROM waiting
        UNION
        SELECT state.tenant_id FROM studio_metric_states AS state
        LEFT JOIN studio_tenant_settings AS settings ON settings.tenant_id = state.tenant_id
        JOIN zones ON zone = coalesce(time_zone, usual_zone)
        WHERE state.tenant_id <> '' AND state.counted_as <> zones.counted_as
        UNION
        SELECT tenant FROM studio_list_tenants() AS tenant
        WHERE everywhere AND NOT EXISTS (SELECT FROM studio_metric_states WHERE tenant_id = tenant)
        UNION
        SELECT '' WHERE EXISTS (SELECT FROM studio_metric_changed_days)
    ) AS behind
    WHERE tenant_id <> sample AND NOT starts_with(tenant_id, sample || '-')
        AND nullif(current_setting('app.tenant_id', true), '') IS NULL
$$;

REVOKE EXECUTE ON FUNCTION studio_teams_behind FROM PUBLIC;
