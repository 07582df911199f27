"""Captions are checked by the rules that compare hours, days, rates and names as they stand together."""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE studio_feed_findings SET findings = NULL WHERE findings IS NOT NULL")
