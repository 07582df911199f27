"""A search for a rare word looks at each text once for each way to spell it; captions are checked by the new rules."""

from alembic import op

from lib.store import functions

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        DROP FUNCTION studio_feed_conditions(
            text, text[], text[], timestamptz, timestamptz, double precision, double precision, jsonb)
    """)
    for name in ("studio_feed_conditions", "studio_find_feeds", "studio_count_feeds"):
        functions.load(op.get_bind(), name)
    op.execute("UPDATE studio_feed_findings SET findings = NULL WHERE findings IS NOT NULL")
