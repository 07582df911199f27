"""Number the changes of each tenant's data, so that caches know when what they keep is out of date."""

from alembic import op

from lib.store import functions

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TENANT_CHANGES = """
    CREATE TABLE studio_tenant_changes (
        tenant_id VARCHAR(255) NOT NULL,
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        changes BIGINT NOT NULL DEFAULT 1,
        PRIMARY KEY (tenant_id, id)
    )
"""


def upgrade() -> None:
    op.execute(TENANT_CHANGES)
    functions.load(op.get_bind(), "studio_record_change")
