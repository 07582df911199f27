"""A team's own price says what the Batch API costs of it: half, unless the team says otherwise."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE studio_prices ADD COLUMN economy_percent NUMERIC(18, 9) NOT NULL DEFAULT 50")
    # What came through the Batch API at an own price is counted again, at half of it.
    op.execute("""
        INSERT INTO studio_metric_changes (tenant_id, kind, row_id, created_at)
        SELECT tenant_id, kind, row_id, created_at FROM studio_metric_facts
        WHERE tier = 'batch' AND tenant_id IN (SELECT tenant_id FROM studio_prices)
    """)
    op.execute("""
        DELETE FROM studio_metric_tariffs
        WHERE tier = 'batch' AND tenant_id IN (SELECT tenant_id FROM studio_prices)
    """)
