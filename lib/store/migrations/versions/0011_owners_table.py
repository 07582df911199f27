"""Let the owner of instagram_feeds change its columns, and index the beginning of very long texts."""

from alembic import op

from lib.store import functions

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    functions.load(op.get_bind(), "studio_index_feed", "studio_keep_version", "studio_index_entry")
