"""A star or a check does not hide that a row was changed while triggers were off."""

from alembic import op

from lib.store import functions

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    functions.load(op.get_bind(), "studio_refresh_entry", "studio_index_state", "studio_index_findings")
