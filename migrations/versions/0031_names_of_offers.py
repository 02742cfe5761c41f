"""an order keeps what its offers were called

Revision: 0031
After: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column with a constant default rewrites nothing; code of before goes on writing rows without it."""
    op.add_column('orders_adjustments', sa.Column('name', sa.Text(), server_default='', nullable=False))


def downgrade() -> None:
    op.drop_column('orders_adjustments', 'name')
