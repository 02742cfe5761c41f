"""what leaves the house for an exchange is taken from stock once

Revision: 0032
After: 0031
"""

from alembic import op

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None

INDEX = 'uq_inventory_movements_taken_out'


def upgrade() -> None:
    """Runs beside the shop, and again after it broke off. Old code writes no such movement, and shows none."""
    with op.get_context().autocommit_block():
        op.execute('SET lock_timeout = 0')
        op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {INDEX}')
        op.execute(
            f'CREATE UNIQUE INDEX CONCURRENTLY {INDEX} ON inventory_movements'
            " (subject_id, subject_kind, reason, sku_id) WHERE reason = 'exchanged'"
        )


def downgrade() -> None:
    """The movements stay: they are part of what is available."""
    op.drop_index(INDEX, 'inventory_movements')
