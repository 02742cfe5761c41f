"""lines that posts have brought

Revision: 0008
After: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Built beside the running shop: a plain one would hold up all orders until it is there."""
    with op.get_context().autocommit_block():
        op.create_index(
            'ix_orders_lines_post', 'orders_lines', ['post_id', 'id'],
            unique=False, postgresql_where=sa.text('post_id IS NOT NULL'),
            postgresql_concurrently=True, if_not_exists=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index('ix_orders_lines_post', 'orders_lines', postgresql_concurrently=True, if_exists=True)
