-- Why somebody approved or posted a caption whose disclosure is not as it should be; NULL where nobody had to say.
ALTER TABLE studio_feed_moves ADD COLUMN acknowledged TEXT;

-- What a check found in a caption; findings is NULL until it was checked. Triggers on instagram_feeds keep a row for each
-- feed, whoever writes it.
CREATE TABLE studio_feed_findings (
    tenant_id VARCHAR(255) NOT NULL,
    feed_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    findings JSONB,
    kinds TEXT[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, feed_id)
);

CREATE INDEX studio_feed_findings_unchecked ON studio_feed_findings (tenant_id, created_at DESC) WHERE findings IS NULL;

INSERT INTO studio_feed_findings (tenant_id, feed_id, created_at)
SELECT tenant_id, feed_id, created_at FROM studio_feed_index;
