"""The totals of all teams together are kept, day by day, so that reading them does not cost more with more teams.

And teams can be searched by name, where they are too many for a list, and those whose answers are still looked for are
found by one statement.
"""

from alembic import op

from lib.store import functions

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE studio_metric_changed_days (
            tenant_id VARCHAR(255) NOT NULL,
            entry BIGINT GENERATED ALWAYS AS IDENTITY,
            kind TEXT NOT NULL,
            day DATE NOT NULL,
            PRIMARY KEY (tenant_id, entry)
        )
    """)
    op.execute("CREATE INDEX studio_metric_cells_day ON studio_metric_cells (day)")
    op.execute("CREATE INDEX studio_metric_latencies_begins ON studio_metric_latencies (begins)")
    op.execute("""
        INSERT INTO studio_metric_changed_days (tenant_id, kind, day)
        SELECT DISTINCT tenant_id, kind, day FROM studio_metric_cells
    """)
    op.execute("DROP FUNCTION IF EXISTS studio_list_tenants()")  # the new one has arguments
    functions.load(
        op.get_bind(), "studio_list_tenants", "studio_zone_rules", "studio_teams_behind", "studio_add_up_teams",
        "studio_forget_metrics", "studio_unknown_tenants",
    )  # fmt: skip
