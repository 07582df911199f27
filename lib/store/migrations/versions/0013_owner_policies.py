"""The functions that run as the owner name no tenant: the owner's own policies show it every row."""

from alembic import op

from lib.store import functions

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    functions.load(
        op.get_bind(),
        "studio_count_attempts",
        "studio_count_feed_states",
        "studio_count_generations",
        "studio_count_instagram_feeds",
        "studio_index_feed",
        "studio_index_state",
        "studio_keep_version",
        "studio_record_change",
    )
