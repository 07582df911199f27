"""Find what was spent on a deleted caption by its id, in case the caption is inserted again."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX studio_metric_facts_deleted ON studio_metric_facts (tenant_id, row_id) WHERE kind = 'deleted'"
    )
