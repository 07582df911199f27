CREATE TABLE studio_column_mappings (
    tenant_id VARCHAR(255) NOT NULL,
    heading VARCHAR(255) NOT NULL,
    field TEXT,
    changed_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (tenant_id, heading)
);

CREATE TABLE studio_sheet_drafts (
    tenant_id VARCHAR(255) NOT NULL,
    draft_id UUID NOT NULL,
    content BYTEA NOT NULL,
    changes JSONB NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (tenant_id, draft_id)
);
