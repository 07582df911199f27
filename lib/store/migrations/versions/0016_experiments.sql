-- The tables of experiments: variants, their captions, pairs, votes; the prompt library; results after posting.

CREATE TABLE studio_experiments (
    tenant_id VARCHAR(255) NOT NULL,
    experiment_id UUID NOT NULL,
    name TEXT NOT NULL,
    votes_per_pair SMALLINT NOT NULL,
    share SMALLINT DEFAULT 0 NOT NULL,
    batch_id UUID,
    person TEXT,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP NOT NULL,
    closed_at TIMESTAMPTZ,
    winner SMALLINT,
    PRIMARY KEY (tenant_id, experiment_id)
);

CREATE INDEX studio_experiments_newest ON studio_experiments (tenant_id, created_at);

CREATE TABLE studio_experiment_variants (
    tenant_id VARCHAR(255) NOT NULL,
    experiment_id UUID NOT NULL,
    variant SMALLINT NOT NULL,
    changes JSONB NOT NULL,
    prompt_id UUID,
    prompt_version INTEGER,
    PRIMARY KEY (tenant_id, experiment_id, variant),
    CONSTRAINT studio_experiment_variants_experiment FOREIGN KEY (tenant_id, experiment_id)
        REFERENCES studio_experiments (tenant_id, experiment_id) ON DELETE CASCADE
);

CREATE TABLE studio_experiment_pairs (
    tenant_id VARCHAR(255) NOT NULL,
    pair_id UUID NOT NULL,
    experiment_id UUID NOT NULL,
    brief_key TEXT NOT NULL,
    first_variant SMALLINT NOT NULL,
    second_variant SMALLINT NOT NULL,
    first_feed_id UUID NOT NULL,
    second_feed_id UUID NOT NULL,
    result TEXT,
    closed_at TIMESTAMPTZ,
    PRIMARY KEY (tenant_id, pair_id),
    CONSTRAINT studio_experiment_pairs_experiment FOREIGN KEY (tenant_id, experiment_id)
        REFERENCES studio_experiments (tenant_id, experiment_id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX studio_experiment_pairs_briefs
    ON studio_experiment_pairs (tenant_id, experiment_id, brief_key, first_variant, second_variant);

CREATE TABLE studio_experiment_votes (
    tenant_id VARCHAR(255) NOT NULL,
    pair_id UUID NOT NULL,
    person TEXT NOT NULL,
    choice TEXT NOT NULL,
    reasons TEXT[] NOT NULL,
    counts BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP NOT NULL,
    PRIMARY KEY (tenant_id, pair_id, person),
    CONSTRAINT studio_experiment_votes_pair FOREIGN KEY (tenant_id, pair_id)
        REFERENCES studio_experiment_pairs (tenant_id, pair_id) ON DELETE CASCADE
);

CREATE TABLE studio_prompts (
    tenant_id VARCHAR(255) NOT NULL,
    prompt_id UUID NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    person TEXT,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP NOT NULL,
    PRIMARY KEY (tenant_id, prompt_id, version)
);

CREATE TABLE studio_default_prompts (
    tenant_id VARCHAR(255) NOT NULL,
    number INTEGER NOT NULL,
    prompt_id UUID,
    version INTEGER,
    experiment_id UUID,
    evidence JSONB,
    person TEXT,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP NOT NULL,
    PRIMARY KEY (tenant_id, number)
);

CREATE TABLE studio_feed_results (
    tenant_id VARCHAR(255) NOT NULL,
    feed_id UUID NOT NULL,
    permalink TEXT,
    likes INTEGER,
    saves INTEGER,
    comments INTEGER,
    reach INTEGER,
    person TEXT,
    updated_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP NOT NULL,
    PRIMARY KEY (tenant_id, feed_id)
);

-- The generations that an experiment brought say so in their options.
CREATE INDEX studio_generations_experiment ON studio_generations (tenant_id, ((options -> 'experiment') ->> 'id'))
    WHERE (options -> 'experiment') ->> 'id' IS NOT NULL;

-- Every statement on what a tenant's caches hold raises the version of its data.
DO $$
DECLARE
    watched text;
BEGIN
    FOREACH watched IN ARRAY ARRAY[
        'studio_experiments', 'studio_experiment_votes', 'studio_default_prompts', 'studio_feed_results'
    ] LOOP
        EXECUTE format('CREATE TRIGGER studio_record_insert AFTER INSERT ON %I
            REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_record_change()', watched);
        EXECUTE format('CREATE TRIGGER studio_record_update AFTER UPDATE ON %I
            REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION studio_record_change()', watched);
        EXECUTE format('CREATE TRIGGER studio_record_delete AFTER DELETE ON %I
            REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_record_change()', watched);
    END LOOP;
END $$;
