"""${message}."""

from alembic import op

from lib.store import functions

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    db = op.get_bind()
    db.exec_driver_sql("")
    functions.load(db, "studio_...")
