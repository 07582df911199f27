"""Add experiments: variants, captions, pairs and votes; the prompt library; results after posting."""

from pathlib import Path

from alembic import op
from sqlalchemy import text

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    db = op.get_bind()
    schema = db.scalar(text("SELECT quote_ident(current_schema())"))
    statements = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    db.exec_driver_sql(statements.replace("{schema}", schema).replace("%", "%%"))
