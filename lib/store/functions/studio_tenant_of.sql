-- The tenant of a row of any table, for the policies on other programs' tables. A policy that named the column would keep
-- the customer from changing its type; a call on the whole row does not, and is planned as the column itself.
CREATE OR REPLACE FUNCTION studio_tenant_of(anyelement) RETURNS text
LANGUAGE sql STABLE AS $$ SELECT ($1).tenant_id::text $$;
