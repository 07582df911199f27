"""A transaction can name several tenants, to read and count their figures together."""

from alembic import op

from lib.store import functions

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    functions.load(op.get_bind(), "studio_raise_walls")
