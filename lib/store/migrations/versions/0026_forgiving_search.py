"""Find words in other spacings, by their first consonants and in hashtags: the search index is made anew.

And captions are checked again, because the rules of their facts are others.
"""

from alembic import op

from lib.store import functions

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_FILTER = "text, text[], text[], timestamptz, timestamptz, double precision, double precision"


def upgrade() -> None:
    op.execute("DROP INDEX studio_feed_index_keys")
    op.execute(f"DROP FUNCTION studio_feed_conditions({_FILTER})")
    op.execute(f"DROP FUNCTION studio_find_feeds({_FILTER}, timestamptz, uuid, boolean, integer)")
    op.execute(f"DROP FUNCTION studio_count_feeds({_FILTER}, integer)")
    functions.load(
        op.get_bind(),
        "studio_searched",
        "studio_grams",
        "studio_word_grams",
        "studio_index_entry",
        "studio_index_feed",
        "studio_feed_conditions",
        "studio_find_feeds",
        "studio_count_feeds",
    )
    op.execute("""
        UPDATE studio_feed_index AS i SET body = studio_searched(concat_ws(E'\\x02', left(f.instagram_ad_copy, 5000),
            left(f.hashtags, 5000), left(f.product_description, 5000), left(f.refined_ad_copy_eng, 5000),
            left(f.store_information, 5000)))
        FROM instagram_feeds AS f WHERE i.tenant_id = f.tenant_id AND i.feed_id = f.instagram_feed_id
    """)
    op.execute("UPDATE studio_feed_findings SET findings = NULL WHERE findings IS NOT NULL")
    op.execute("""
        CREATE INDEX studio_feed_index_keys ON studio_feed_index USING gin (facets, studio_grams(tenant_id, body))
        WITH (fastupdate = on, gin_pending_list_limit = 512)
    """)
