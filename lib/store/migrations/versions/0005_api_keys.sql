CREATE TABLE studio_api_keys (
    tenant_id VARCHAR(255) NOT NULL,
    key_id VARCHAR(32) NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    secret_hash BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    expires_at TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    PRIMARY KEY (tenant_id, key_id)
);

CREATE INDEX studio_api_keys_key_id ON studio_api_keys (key_id);
