"""Count what was spent, deleted rows included; read usages of raw answers, and counts that contradict each other."""

from alembic import op

from lib.store import functions

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE studio_metric_facts ADD COLUMN spent BOOLEAN NOT NULL DEFAULT false")
    functions.load(
        op.get_bind(),
        "studio_metric_dimensions",
        "studio_reported_usage",
        "studio_token_usage",
        "studio_count_instagram_feeds",
        "studio_count_attempts",
    )
