-- The facet of the week (604,800 s since 1970) that an instant falls into. Searches walk from week to week.
CREATE OR REPLACE FUNCTION studio_week(moment timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT 'week:' || floor(date_part('epoch', moment) / 604800) $$;
