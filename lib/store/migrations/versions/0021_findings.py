"""Keep what a check found in each caption, and why somebody approved one whose disclosure is not as it should be."""

from pathlib import Path

from alembic import op

from lib.store import functions

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    statements = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
    functions.load(
        op.get_bind(),
        "studio_uncheck_feeds",
        "studio_index_findings",
        "studio_forget_feeds",
        "studio_reconcile_feeds",
    )
