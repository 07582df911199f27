"""Add the functions that find, over all tenants, which batches are due and which requests nobody sends any more."""

from alembic import op

from lib.store import functions

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    functions.load(op.get_bind(), "studio_batch_lanes", "studio_batches_due", "studio_silent_generations")
