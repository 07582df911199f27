"""Add the history of captions: an index to find them by, their versions, and their way from draft to posted."""

from pathlib import Path

from alembic import op
from sqlalchemy import text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    db = op.get_bind()
    schema = db.scalar(text("SELECT quote_ident(current_schema())"))
    # An adopted table may be large, and its writers must not wait while it is read. So it is read first, then the
    # triggers are made, and then only the rows that changed since this transaction are read again.
    oldest = db.scalar(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint % 4294967296"))
    statements = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    db.exec_driver_sql(statements.replace("{schema}", schema).replace("{oldest}", str(oldest)).replace("%", "%%"))
