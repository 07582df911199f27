"""Read hashtags as Instagram does, everywhere alike, and index anew the feeds whose tags that changes."""

from alembic import op

from lib.store import functions

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER FUNCTION studio_hashtags RENAME TO studio_hashtags_before")
    functions.load(
        op.get_bind(),
        "studio_hashtag_ends",
        "studio_text_emoji",
        "studio_tag_text",
        "studio_visible_tag",
        "studio_hashtags",
        "studio_searched",
        "studio_index_entry",
    )
    op.execute("""
        UPDATE studio_feed_index AS i SET facets = entry.facets
        FROM instagram_feeds AS feed, studio_index_entry(feed) AS entry
        WHERE i.tenant_id = feed.tenant_id AND i.feed_id = feed.instagram_feed_id
            AND ARRAY(SELECT studio_hashtags(studio_folded(feed.hashtags), studio_folded(feed.instagram_ad_copy)))
                <> ARRAY(SELECT studio_hashtags_before(
                    studio_folded(feed.hashtags), studio_folded(feed.instagram_ad_copy)))
    """)
    op.execute("DROP FUNCTION studio_hashtags_before")
