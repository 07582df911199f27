"""Add files of requests for OpenAI's Batch API, and batches that are written through them."""

from alembic import op

from lib.store import functions

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE studio_batches ADD COLUMN economy BOOLEAN NOT NULL DEFAULT false")
    op.execute("""
        CREATE TABLE studio_request_files (
            tenant_id VARCHAR(255) NOT NULL,
            file_id UUID NOT NULL,
            batch_id UUID NOT NULL,
            model VARCHAR(255) NOT NULL,
            status TEXT NOT NULL DEFAULT 'filling',
            requests INTEGER NOT NULL DEFAULT 0,
            size INTEGER NOT NULL DEFAULT 0,
            most INTEGER NOT NULL,
            most_usd NUMERIC(18, 9) NOT NULL DEFAULT 0,
            is_limited BOOLEAN NOT NULL DEFAULT false,
            input_file_id TEXT,
            input_expires_at TIMESTAMPTZ,
            input_deleted_at TIMESTAMPTZ,
            remote_id TEXT,
            remote_status TEXT,
            completed INTEGER,
            failed INTEGER,
            error_code TEXT,
            error_params JSONB,
            claim_id UUID,
            due_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
            created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
            sent_at TIMESTAMPTZ,
            over_at TIMESTAMPTZ,
            ended_at TIMESTAMPTZ,
            PRIMARY KEY (tenant_id, file_id),
            CONSTRAINT studio_request_files_batch FOREIGN KEY (tenant_id, batch_id)
                REFERENCES studio_batches (tenant_id, batch_id) ON DELETE CASCADE
        )
    """)
    op.execute("CREATE INDEX studio_request_files_of_batch ON studio_request_files (tenant_id, batch_id, created_at)")
    op.execute("ALTER TABLE studio_request_files ALTER COLUMN tenant_id SET STATISTICS 0")  # see 0024
    op.execute("CREATE INDEX studio_request_files_due ON studio_request_files (due_at) WHERE due_at IS NOT NULL")
    functions.load(op.get_bind(), "studio_batch_lanes", "studio_batches_due", "studio_silent_generations")
