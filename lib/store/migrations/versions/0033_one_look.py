"""A search for a rare word looks once at the rows that the index knows, and captions are checked by the new rules."""

from alembic import op

from lib.store import functions

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        DROP FUNCTION IF EXISTS studio_find_feeds(
            text, text[], text[], timestamptz, timestamptz, double precision, double precision,
            timestamptz, uuid, boolean, integer, jsonb)
    """)
    functions.load(op.get_bind(), "studio_find_feeds")
    op.execute("UPDATE studio_feed_findings SET findings = NULL WHERE findings IS NOT NULL")
