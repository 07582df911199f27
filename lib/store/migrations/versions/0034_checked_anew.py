"""Captions are checked by the new rules."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE studio_feed_findings SET findings = NULL WHERE findings IS NOT NULL")
