"""What works over all tenants goes through named functions, and a function raises the walls between them."""

from alembic import op

from lib.store import functions

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    functions.load(
        op.get_bind(),
        "studio_list_tenants",
        "studio_keys_by_id",
        "studio_feed_exists",
        "studio_tenant_of",
        "studio_raise_walls",
        "studio_count_instagram_feeds",
    )
