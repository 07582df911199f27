"""A row is indexed without what no search reads, so that one of megabytes does not make its writer wait."""

from alembic import op

from lib.store import functions

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    functions.load(op.get_bind(), "studio_index_feed")
