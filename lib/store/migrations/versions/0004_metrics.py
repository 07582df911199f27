"""Add the figures: what each row was counted as, sums and latencies per day, and a queue of rows to count."""

from pathlib import Path

from alembic import op
from sqlalchemy import text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    db = op.get_bind()
    schema = db.scalar(text("SELECT quote_ident(current_schema())"))
    statements = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    db.exec_driver_sql(statements.replace("{schema}", schema).replace("%", "%%"))
