"""Remember the generations that were deleted on purpose, whoever deletes them, such as those of an erased team."""

from alembic import op

from lib.store import functions

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX studio_deleted_generations_age ON studio_deleted_generations (deleted_at)")
    functions.load(op.get_bind(), "studio_remember_deleted")
