CREATE TABLE studio_metric_changes (
    tenant_id VARCHAR(255) NOT NULL,
    entry BIGINT GENERATED ALWAYS AS IDENTITY,
    kind TEXT NOT NULL,
    row_id UUID NOT NULL,
    PRIMARY KEY (tenant_id, entry)
);

CREATE TABLE studio_metric_facts (
    tenant_id VARCHAR(255) NOT NULL,
    kind TEXT NOT NULL,
    row_id UUID NOT NULL,
    day DATE NOT NULL,
    hour SMALLINT NOT NULL,
    created_at TIMESTAMPTZ,
    model TEXT,
    tier TEXT,
    tone TEXT,
    source TEXT,
    prompt_version TEXT,
    outcome TEXT,
    job_id UUID,
    kept BOOLEAN NOT NULL,
    latency_ms DOUBLE PRECISION,
    bin SMALLINT,
    prompt INTEGER,
    cached INTEGER,
    written INTEGER,
    completion INTEGER,
    reasoning INTEGER,
    cost NUMERIC,
    PRIMARY KEY (tenant_id, kind, row_id)
);

CREATE INDEX studio_metric_facts_day ON studio_metric_facts (tenant_id, day, kind, created_at);

CREATE TABLE studio_metric_cells (
    tenant_id VARCHAR(255) NOT NULL,
    kind TEXT NOT NULL,
    facet TEXT NOT NULL,
    day DATE NOT NULL,
    value TEXT NOT NULL,

    rows BIGINT NOT NULL,
    kept BIGINT NOT NULL,
    timed BIGINT NOT NULL,
    latency_sum NUMERIC NOT NULL,
    latency_min DOUBLE PRECISION,
    latency_max DOUBLE PRECISION,
    used BIGINT NOT NULL,
    prompt BIGINT NOT NULL,
    cached BIGINT NOT NULL,
    written BIGINT NOT NULL,
    completion BIGINT NOT NULL,
    reasoning BIGINT NOT NULL,
    priced BIGINT NOT NULL,
    cost NUMERIC NOT NULL,

    PRIMARY KEY (tenant_id, kind, facet, day, value)
);

CREATE TABLE studio_metric_latencies (
    tenant_id VARCHAR(255) NOT NULL,
    kind TEXT NOT NULL,
    facet TEXT NOT NULL,
    day DATE NOT NULL,
    value TEXT NOT NULL,
    bin SMALLINT NOT NULL,
    rows BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, kind, facet, day, value, bin)
);

CREATE TABLE studio_metric_tariffs (
    tenant_id VARCHAR(255) NOT NULL,
    model TEXT NOT NULL,
    tier TEXT NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    prompt_over BIGINT NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    prompt_to BIGINT NOT NULL,
    input NUMERIC,
    cached NUMERIC,
    written NUMERIC,
    output NUMERIC,
    PRIMARY KEY (tenant_id, model, tier, starts_at, prompt_over)
);

CREATE TABLE studio_metric_states (
    tenant_id VARCHAR(255) PRIMARY KEY,
    counted_as TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE studio_prices (
    tenant_id VARCHAR(255) NOT NULL,
    model VARCHAR(255) NOT NULL,
    starts_on DATE NOT NULL,
    input_usd NUMERIC(18, 9) NOT NULL,
    cached_usd NUMERIC(18, 9) NOT NULL,
    output_usd NUMERIC(18, 9) NOT NULL,
    PRIMARY KEY (tenant_id, model, starts_on)
);

CREATE TABLE studio_tenant_settings (
    tenant_id VARCHAR(255) PRIMARY KEY,
    time_zone TEXT NOT NULL DEFAULT 'Asia/Seoul',
    budget_usd NUMERIC(18, 9),
    krw_per_usd NUMERIC(18, 9),
    krw_rate_on DATE
);

CREATE TABLE studio_saved_views (
    tenant_id VARCHAR(255) NOT NULL,
    name VARCHAR(80) NOT NULL,
    query JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (tenant_id, name)
);

CREATE FUNCTION studio_token_count(told jsonb) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(told) = 'number' THEN
        CASE WHEN told::numeric BETWEEN 0 AND 1000000000 AND scale(told::numeric) = 0 THEN told::integer END END
$$;

CREATE FUNCTION studio_token_part(details jsonb, part jsonb) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN coalesce(jsonb_typeof(details), 'null') NOT IN ('null', 'object') THEN NULL
        WHEN coalesce(jsonb_typeof(part), 'null') = 'null' THEN 0
        ELSE studio_token_count(part) END
$$;

CREATE FUNCTION studio_metric_key(told text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN told IS NULL THEN '-' WHEN length(told) <= 200 THEN '=' || told
        ELSE '~' || md5(told) || left(told, 100) END
$$;

CREATE FUNCTION studio_count_instagram_feeds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
#variable_conflict use_column
DECLARE
    named text := current_setting('app.tenant_id', true);
    this_tenant text;
    all_tenants text[];
BEGIN
    -- Without row-level security there is nothing to be named: one statement for all, which is what writers pay.
    IF TG_OP = 'INSERT' AND NOT row_security_active('studio_metric_changes') THEN
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
        SELECT tenant_id, 'feed', instagram_feed_id FROM new_rows WHERE tenant_id <> '' AND true;
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        all_tenants := ARRAY(SELECT DISTINCT tenant_id FROM new_rows);
    ELSIF TG_OP = 'DELETE' THEN
        all_tenants := ARRAY(SELECT DISTINCT tenant_id FROM old_rows);
    ELSE
        all_tenants := ARRAY(SELECT tenant_id FROM old_rows UNION SELECT tenant_id FROM new_rows);
    END IF;
    FOREACH this_tenant IN ARRAY all_tenants LOOP
        CONTINUE WHEN this_tenant = '';  -- nobody's, and shown to nobody
        PERFORM set_config('app.tenant_id', this_tenant, true);
        IF TG_OP = 'INSERT' THEN
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
            SELECT this_tenant, 'feed', instagram_feed_id FROM new_rows WHERE tenant_id = this_tenant AND true;
        ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
            SELECT this_tenant, 'feed', instagram_feed_id FROM old_rows WHERE tenant_id = this_tenant AND true;
        ELSE
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
            SELECT DISTINCT this_tenant, 'feed', row_id FROM (
                (SELECT instagram_feed_id AS row_id, created_at, latency_ms, gpt_model_name, tone_style, job_id, token_usage, gpt_response_raw ->> 'service_tier' AS tier FROM old_rows WHERE tenant_id = this_tenant AND true
                 EXCEPT ALL
                 SELECT instagram_feed_id, created_at, latency_ms, gpt_model_name, tone_style, job_id, token_usage, gpt_response_raw ->> 'service_tier' AS tier FROM new_rows WHERE tenant_id = this_tenant AND true)
                UNION ALL
                (SELECT instagram_feed_id, created_at, latency_ms, gpt_model_name, tone_style, job_id, token_usage, gpt_response_raw ->> 'service_tier' AS tier FROM new_rows WHERE tenant_id = this_tenant AND true
                 EXCEPT ALL
                 SELECT instagram_feed_id, created_at, latency_ms, gpt_model_name, tone_style, job_id, token_usage, gpt_response_raw ->> 'service_tier' AS tier FROM old_rows WHERE tenant_id = this_tenant AND true)
            ) AS changed;
        END IF;
    END LOOP;
    PERFORM set_config('app.tenant_id', coalesce(named, ''), true);
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION studio_count_instagram_feeds FROM PUBLIC;

CREATE TRIGGER studio_count_insert AFTER INSERT ON instagram_feeds REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_count_instagram_feeds();

CREATE TRIGGER studio_count_delete AFTER DELETE ON instagram_feeds REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_count_instagram_feeds();

CREATE TRIGGER studio_count_update AFTER UPDATE ON instagram_feeds REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_count_instagram_feeds();

CREATE FUNCTION studio_count_feed_states() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
#variable_conflict use_column
DECLARE
    named text := current_setting('app.tenant_id', true);
    this_tenant text;
    all_tenants text[];
BEGIN
    -- Without row-level security there is nothing to be named: one statement for all, which is what writers pay.
    IF TG_OP = 'INSERT' AND NOT row_security_active('studio_metric_changes') THEN
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
        SELECT tenant_id, 'feed', feed_id FROM new_rows WHERE tenant_id <> '' AND true;
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        all_tenants := ARRAY(SELECT DISTINCT tenant_id FROM new_rows);
    ELSIF TG_OP = 'DELETE' THEN
        all_tenants := ARRAY(SELECT DISTINCT tenant_id FROM old_rows);
    ELSE
        all_tenants := ARRAY(SELECT tenant_id FROM old_rows UNION SELECT tenant_id FROM new_rows);
    END IF;
    FOREACH this_tenant IN ARRAY all_tenants LOOP
        CONTINUE WHEN this_tenant = '';  -- nobody's, and shown to nobody
        PERFORM set_config('app.tenant_id', this_tenant, true);
        IF TG_OP = 'INSERT' THEN
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
            SELECT this_tenant, 'feed', feed_id FROM new_rows WHERE tenant_id = this_tenant AND true;
        ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
            SELECT this_tenant, 'feed', feed_id FROM old_rows WHERE tenant_id = this_tenant AND true;
        ELSE
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
            SELECT DISTINCT this_tenant, 'feed', row_id FROM (
                (SELECT feed_id AS row_id, status FROM old_rows WHERE tenant_id = this_tenant AND true
                 EXCEPT ALL
                 SELECT feed_id, status FROM new_rows WHERE tenant_id = this_tenant AND true)
                UNION ALL
                (SELECT feed_id, status FROM new_rows WHERE tenant_id = this_tenant AND true
                 EXCEPT ALL
                 SELECT feed_id, status FROM old_rows WHERE tenant_id = this_tenant AND true)
            ) AS changed;
        END IF;
    END LOOP;
    PERFORM set_config('app.tenant_id', coalesce(named, ''), true);
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION studio_count_feed_states FROM PUBLIC;

CREATE TRIGGER studio_count_insert AFTER INSERT ON studio_feed_states REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_count_feed_states();

CREATE TRIGGER studio_count_delete AFTER DELETE ON studio_feed_states REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_count_feed_states();

CREATE TRIGGER studio_count_update AFTER UPDATE ON studio_feed_states REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_count_feed_states();

CREATE FUNCTION studio_count_generations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
#variable_conflict use_column
DECLARE
    named text := current_setting('app.tenant_id', true);
    this_tenant text;
    all_tenants text[];
BEGIN
    -- Without row-level security there is nothing to be named: one statement for all, which is what writers pay.
    IF TG_OP = 'INSERT' AND NOT row_security_active('studio_metric_changes') THEN
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
        SELECT tenant_id, 'feed', instagram_feed_id FROM new_rows WHERE tenant_id <> '' AND instagram_feed_id IS NOT NULL;
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        all_tenants := ARRAY(SELECT DISTINCT tenant_id FROM new_rows);
    ELSIF TG_OP = 'DELETE' THEN
        all_tenants := ARRAY(SELECT DISTINCT tenant_id FROM old_rows);
    ELSE
        all_tenants := ARRAY(SELECT tenant_id FROM old_rows UNION SELECT tenant_id FROM new_rows);
    END IF;
    FOREACH this_tenant IN ARRAY all_tenants LOOP
        CONTINUE WHEN this_tenant = '';  -- nobody's, and shown to nobody
        PERFORM set_config('app.tenant_id', this_tenant, true);
        IF TG_OP = 'INSERT' THEN
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
            SELECT this_tenant, 'feed', instagram_feed_id FROM new_rows WHERE tenant_id = this_tenant AND instagram_feed_id IS NOT NULL;
        ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
            SELECT this_tenant, 'feed', instagram_feed_id FROM old_rows WHERE tenant_id = this_tenant AND instagram_feed_id IS NOT NULL;
        ELSE
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
            SELECT DISTINCT this_tenant, 'feed', row_id FROM (
                (SELECT instagram_feed_id AS row_id, source, prompt_version FROM old_rows WHERE tenant_id = this_tenant AND instagram_feed_id IS NOT NULL
                 EXCEPT ALL
                 SELECT instagram_feed_id, source, prompt_version FROM new_rows WHERE tenant_id = this_tenant AND instagram_feed_id IS NOT NULL)
                UNION ALL
                (SELECT instagram_feed_id, source, prompt_version FROM new_rows WHERE tenant_id = this_tenant AND instagram_feed_id IS NOT NULL
                 EXCEPT ALL
                 SELECT instagram_feed_id, source, prompt_version FROM old_rows WHERE tenant_id = this_tenant AND instagram_feed_id IS NOT NULL)
            ) AS changed;
        END IF;
    END LOOP;
    PERFORM set_config('app.tenant_id', coalesce(named, ''), true);
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION studio_count_generations FROM PUBLIC;

CREATE TRIGGER studio_count_insert AFTER INSERT ON studio_generations REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_count_generations();

CREATE TRIGGER studio_count_delete AFTER DELETE ON studio_generations REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_count_generations();

CREATE TRIGGER studio_count_update AFTER UPDATE ON studio_generations REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_count_generations();

CREATE FUNCTION studio_count_attempts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
#variable_conflict use_column
DECLARE
    named text := current_setting('app.tenant_id', true);
    this_tenant text;
    all_tenants text[];
BEGIN
    -- Without row-level security there is nothing to be named: one statement for all, which is what writers pay.
    IF TG_OP = 'INSERT' AND NOT row_security_active('studio_metric_changes') THEN
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
        SELECT tenant_id, 'attempt', attempt_id FROM new_rows WHERE tenant_id <> '' AND outcome IS NOT NULL;
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        all_tenants := ARRAY(SELECT DISTINCT tenant_id FROM new_rows);
    ELSIF TG_OP = 'DELETE' THEN
        all_tenants := ARRAY(SELECT DISTINCT tenant_id FROM old_rows);
    ELSE
        all_tenants := ARRAY(SELECT tenant_id FROM old_rows UNION SELECT tenant_id FROM new_rows);
    END IF;
    FOREACH this_tenant IN ARRAY all_tenants LOOP
        CONTINUE WHEN this_tenant = '';  -- nobody's, and shown to nobody
        PERFORM set_config('app.tenant_id', this_tenant, true);
        IF TG_OP = 'INSERT' THEN
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
            SELECT this_tenant, 'attempt', attempt_id FROM new_rows WHERE tenant_id = this_tenant AND outcome IS NOT NULL;
        ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
            SELECT this_tenant, 'attempt', attempt_id FROM old_rows WHERE tenant_id = this_tenant AND outcome IS NOT NULL;
        ELSE
            INSERT INTO studio_metric_changes (tenant_id, kind, row_id)
            SELECT DISTINCT this_tenant, 'attempt', row_id FROM (
                (SELECT attempt_id AS row_id, created_at, latency_ms, model_name, outcome, error_code, token_usage, response ->> 'service_tier' AS tier FROM old_rows WHERE tenant_id = this_tenant AND outcome IS NOT NULL
                 EXCEPT ALL
                 SELECT attempt_id, created_at, latency_ms, model_name, outcome, error_code, token_usage, response ->> 'service_tier' AS tier FROM new_rows WHERE tenant_id = this_tenant AND outcome IS NOT NULL)
                UNION ALL
                (SELECT attempt_id, created_at, latency_ms, model_name, outcome, error_code, token_usage, response ->> 'service_tier' AS tier FROM new_rows WHERE tenant_id = this_tenant AND outcome IS NOT NULL
                 EXCEPT ALL
                 SELECT attempt_id, created_at, latency_ms, model_name, outcome, error_code, token_usage, response ->> 'service_tier' AS tier FROM old_rows WHERE tenant_id = this_tenant AND outcome IS NOT NULL)
            ) AS changed;
        END IF;
    END LOOP;
    PERFORM set_config('app.tenant_id', coalesce(named, ''), true);
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION studio_count_attempts FROM PUBLIC;

CREATE TRIGGER studio_count_insert AFTER INSERT ON studio_attempts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_count_attempts();

CREATE TRIGGER studio_count_delete AFTER DELETE ON studio_attempts REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_count_attempts();

CREATE TRIGGER studio_count_update AFTER UPDATE ON studio_attempts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION studio_count_attempts();

CREATE FUNCTION studio_forget_metrics() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    TRUNCATE studio_metric_changes, studio_metric_facts, studio_metric_cells, studio_metric_latencies,
        studio_metric_states;
    RETURN NULL;
END $$;

REVOKE EXECUTE ON FUNCTION studio_forget_metrics FROM PUBLIC;

CREATE TRIGGER studio_forget_metrics AFTER TRUNCATE ON instagram_feeds FOR EACH STATEMENT EXECUTE FUNCTION studio_forget_metrics();
