CREATE TABLE studio_batches (
    tenant_id VARCHAR(255) NOT NULL,
    batch_id UUID NOT NULL,
    job_id UUID,
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'queued',
    paused_because TEXT,
    paused_params JSONB,
    resumes_at TIMESTAMPTZ,
    columns TEXT[] NOT NULL,
    limit_usd NUMERIC(18, 9),
    spent_usd NUMERIC(18, 9) NOT NULL DEFAULT 0,
    estimated_usd NUMERIC(18, 9),
    idempotency_key TEXT,
    fingerprint TEXT NOT NULL,
    webhook_url TEXT,
    webhook_due_at TIMESTAMPTZ,
    webhook_tries SMALLINT NOT NULL DEFAULT 0,
    webhook_error TEXT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    started_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    PRIMARY KEY (tenant_id, batch_id),
    CONSTRAINT studio_batches_idempotency_key UNIQUE (tenant_id, idempotency_key)
);

CREATE INDEX studio_batches_newest ON studio_batches (tenant_id, created_at, batch_id);
CREATE INDEX studio_batches_open ON studio_batches (created_at) WHERE ended_at IS NULL;
CREATE INDEX studio_batches_webhook ON studio_batches (webhook_due_at) WHERE webhook_due_at IS NOT NULL;

CREATE TABLE studio_batch_rows (
    tenant_id VARCHAR(255) NOT NULL,
    batch_id UUID NOT NULL,
    number INTEGER NOT NULL,
    variant SMALLINT NOT NULL,
    reference TEXT,
    uploaded JSONB NOT NULL,
    brief JSONB NOT NULL,
    options JSONB NOT NULL,
    model VARCHAR(255) NOT NULL,
    status TEXT NOT NULL DEFAULT 'waiting',
    error_code TEXT,
    error_params JSONB,
    generation_id UUID,
    instagram_feed_id UUID,
    tries SMALLINT NOT NULL DEFAULT 1,
    not_before TIMESTAMPTZ,
    cost_usd NUMERIC(18, 9),
    without_cost SMALLINT NOT NULL DEFAULT 0,
    started_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ,
    PRIMARY KEY (tenant_id, batch_id, number, variant),
    CONSTRAINT studio_batch_rows_batch FOREIGN KEY (tenant_id, batch_id)
        REFERENCES studio_batches (tenant_id, batch_id) ON DELETE CASCADE
);

CREATE INDEX studio_batch_rows_status ON studio_batch_rows (tenant_id, batch_id, status, model, number, variant);
CREATE INDEX studio_batch_rows_generation ON studio_batch_rows (tenant_id, generation_id) WHERE generation_id IS NOT NULL;
CREATE INDEX studio_batch_rows_finished ON studio_batch_rows (tenant_id, batch_id, finished_at)
    WHERE finished_at IS NOT NULL;

CREATE TABLE studio_processes (
    process_id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    host TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    seen_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE studio_model_limits (
    tenant_id VARCHAR(255) NOT NULL,
    model VARCHAR(255) NOT NULL,
    requests_a_minute INTEGER,
    tokens_a_minute INTEGER,
    at_once INTEGER,
    requests_left DOUBLE PRECISION NOT NULL DEFAULT 0,
    tokens_left DOUBLE PRECISION NOT NULL DEFAULT 0,
    filled_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    blocked_until TIMESTAMPTZ,
    PRIMARY KEY (tenant_id, model)
);

ALTER TABLE studio_attempts ADD COLUMN process_id UUID;
CREATE INDEX studio_attempts_open ON studio_attempts (tenant_id, created_at) WHERE outcome IS NULL;
