-- A hash of the rules of a time zone in this database: with other rules, days start and end at other times.
CREATE OR REPLACE FUNCTION studio_zone_rules(zone text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT left(md5(string_agg((instant AT TIME ZONE zone)::text, ' ' ORDER BY instant)), 8)
    FROM generate_series(TIMESTAMPTZ '2000-01-01 00:00+00', '2040-01-01 00:00+00', '6 months') AS instant
$$;
