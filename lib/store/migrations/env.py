"""What Alembic runs: our revisions on the connection that it was handed."""

from alembic import context

from lib.store.migrations import VERSION_TABLE
from lib.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
