"""All SQL, one module a subject; functions take an open connection scoped to a tenant and never commit."""
