"""Captions are found by their experiment and variant; what is known of a post goes with its caption."""

from alembic import op

from lib.store import functions

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    functions.load(op.get_bind(), "studio_index_entry", "studio_index_feed", "studio_forget_feeds")
    op.execute("""
        UPDATE studio_feed_index AS i SET facets = entry.facets
        FROM studio_generations AS made
        JOIN instagram_feeds AS feed
            ON feed.tenant_id = made.tenant_id AND feed.instagram_feed_id = made.instagram_feed_id,
            studio_index_entry(feed) AS entry
        WHERE (made.options -> 'experiment') ->> 'id' IS NOT NULL
            AND i.tenant_id = feed.tenant_id AND i.feed_id = feed.instagram_feed_id
    """)
