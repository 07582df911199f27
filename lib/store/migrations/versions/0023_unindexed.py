"""One statement finds the tenants whose rows were written while triggers were off."""

from alembic import op

from lib.store import functions

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    functions.load(op.get_bind(), "studio_list_unindexed")
