"""Databases that somebody else made."""

from __future__ import annotations

JOBS = """
CREATE TYPE of_job AS ENUM ('queued', 'running', 'done', 'failed');
CREATE TABLE jobs (
    job_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id varchar(255) NOT NULL, store_id uuid,
    status text DEFAULT 'queued', current_step text, version text, retry_count int NOT NULL DEFAULT 0, pk serial,
    created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now(), kind of_job
);
CREATE FUNCTION announce_job() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_notify('jobs', NEW.job_id::text || ':' || NEW.status); RETURN NEW; END $$;
CREATE TRIGGER announce AFTER INSERT OR UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION announce_job();
INSERT INTO jobs (tenant_id, status) VALUES ('acme', 'running'), ('other', 'done');
"""
