CREATE TABLE studio_tenants (
    tenant_id VARCHAR(255) PRIMARY KEY,
    created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE studio_generations (
    tenant_id VARCHAR(255) NOT NULL,
    generation_id UUID NOT NULL,
    run_id UUID NOT NULL,
    variant SMALLINT NOT NULL,
    source TEXT NOT NULL,
    idempotency_key TEXT,
    fingerprint TEXT NOT NULL,
    brief JSONB NOT NULL,
    options JSONB NOT NULL,
    prompt_version TEXT NOT NULL,
    parent_feed_id UUID,
    change TEXT,
    instagram_feed_id UUID,
    created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    finished_at TIMESTAMPTZ,
    outcome TEXT,
    PRIMARY KEY (tenant_id, generation_id),
    CONSTRAINT studio_generations_idempotency_key UNIQUE (tenant_id, idempotency_key)
);

CREATE INDEX studio_generations_run ON studio_generations (tenant_id, run_id);

CREATE INDEX studio_generations_feed ON studio_generations (tenant_id, instagram_feed_id);

CREATE INDEX studio_generations_newest ON studio_generations (tenant_id, created_at);

CREATE INDEX studio_generations_unfinished
    ON studio_generations (tenant_id, created_at) WHERE finished_at IS NULL;

CREATE TABLE studio_attempts (
    tenant_id VARCHAR(255) NOT NULL,
    attempt_id UUID NOT NULL,
    generation_id UUID NOT NULL,
    number SMALLINT NOT NULL,
    request JSONB NOT NULL,
    outcome TEXT,
    error_class TEXT,
    error_code TEXT,
    error_params JSONB,
    provider_code TEXT,
    http_status INTEGER,
    request_id TEXT,
    response_body BYTEA,
    response JSONB,
    model_name VARCHAR(255),
    token_usage JSONB,
    latency_ms DOUBLE PRECISION,
    first_byte_ms DOUBLE PRECISION,
    estimated_cost_usd NUMERIC(18, 9),
    created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    finished_at TIMESTAMPTZ,
    PRIMARY KEY (tenant_id, attempt_id),
    CONSTRAINT studio_attempts_generation FOREIGN KEY (tenant_id, generation_id)
        REFERENCES studio_generations (tenant_id, generation_id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX studio_attempts_generation_number
    ON studio_attempts (tenant_id, generation_id, number);

CREATE INDEX studio_attempts_newest ON studio_attempts (tenant_id, created_at);

CREATE INDEX studio_attempts_unknown ON studio_attempts (tenant_id, created_at) WHERE outcome = 'unknown';

CREATE INDEX IF NOT EXISTS studio_feeds_newest
    ON instagram_feeds (tenant_id, created_at DESC, instagram_feed_id DESC);

INSERT INTO studio_tenants (tenant_id) SELECT DISTINCT tenant_id FROM instagram_feeds WHERE tenant_id <> '';
