"""The version of all teams' figures never comes back, whatever was emptied or restored meanwhile."""

from alembic import op

from lib.store import functions

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    functions.load(op.get_bind(), "studio_add_up_teams")
