-- The hash of one value that a feed can be filtered by. It contains the tenant, so the lists of a tenant in the GIN
-- index are its own. Hashes may collide; there are too few facets for it to matter.
CREATE OR REPLACE FUNCTION studio_facet(tenant text, facet text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT hashtext((tenant || E'\x01' || facet) COLLATE "C") $$;
