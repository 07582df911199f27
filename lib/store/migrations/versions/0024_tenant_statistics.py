"""A look-up by id does not lean on statistics of tenants.

To PostgreSQL, a tenant that its statistics do not know has no rows, so any index that begins with the tenant seems as
good as the one of the id, and a young tenant's look-ups read all of its rows. Without statistics of the column, a
tenant seems to have a share of the table, and the index of the id is the cheaper one.
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        DO $$
        DECLARE
            of_table regclass;
        BEGIN
            FOREACH of_table IN ARRAY ARRAY[
                'studio_attempts', 'studio_batch_rows', 'studio_batches', 'studio_experiment_pairs',
                'studio_experiments', 'studio_feed_findings', 'studio_generations', 'studio_metric_facts'
            ]::regclass[] LOOP
                EXECUTE format('ALTER TABLE %s ALTER COLUMN tenant_id SET STATISTICS 0', of_table);
                -- Older servers keep the statistics that they have until the table is made anew.
                IF to_regprocedure('pg_clear_attribute_stats(text,text,text,boolean)') IS NOT NULL THEN
                    EXECUTE format('SELECT pg_clear_attribute_stats(%L, %L, %L, false)', (
                        SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = of_table
                    ), (SELECT relname FROM pg_class WHERE oid = of_table), 'tenant_id');
                END IF;
            END LOOP;
        END $$
    """)
