"""The keys with which programs speak for a tenant."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE studio_api_keys (
        tenant_id VARCHAR(255) NOT NULL,
        key_id VARCHAR(32) NOT NULL,
        name TEXT NOT NULL,
        scopes TEXT[] NOT NULL,
        secret_hash BYTEA NOT NULL,
        created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
        expires_at TIMESTAMPTZ,
        last_used_at TIMESTAMPTZ,
        revoked_at TIMESTAMPTZ,
        PRIMARY KEY (tenant_id, key_id)
    )
    """,
    # Not unique: a unique index would reach over the wall between tenants. An id has 96 random bits.
    "CREATE INDEX studio_api_keys_key_id ON studio_api_keys (key_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
