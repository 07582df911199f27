"""Notice rows that were written while triggers were off, and tenants that only other programs know."""

from alembic import op

from lib.store import functions

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    functions.load(op.get_bind(), "studio_record_change", "studio_reconcile_feeds", "studio_list_tenants")
