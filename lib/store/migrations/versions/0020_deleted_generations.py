"""Remember which generations were deleted on purpose, so that no server takes their traces for lost answers."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE studio_deleted_generations (
            tenant_id VARCHAR(255) NOT NULL,
            generation_id UUID NOT NULL,
            deleted_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
            PRIMARY KEY (tenant_id, generation_id)
        )
    """)
