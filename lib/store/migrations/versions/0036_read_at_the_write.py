"""A new feed waits with its names and token counts as they are counted, so that the next look need not read them."""

from alembic import op

from lib.store import functions

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        ALTER TABLE studio_metric_changes
            ADD COLUMN prompt integer, ADD COLUMN cached integer, ADD COLUMN written integer,
            ADD COLUMN completion integer, ADD COLUMN reasoning integer
    """)
    op.execute("""
        UPDATE studio_metric_changes SET
            model = nullif(studio_value(model), '-'), tone = nullif(studio_value(tone), '-'),
            (prompt, cached, written, completion, reasoning) = (
                SELECT usage.* FROM studio_token_usage(token_usage) AS usage)
        WHERE is_new
    """)
    op.execute("ALTER TABLE studio_metric_changes DROP COLUMN token_usage")
    functions.load(op.get_bind(), "studio_count_instagram_feeds")
