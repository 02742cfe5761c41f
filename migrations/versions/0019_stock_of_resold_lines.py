"""lines of resold goods say whose stock they were

Revision: 0019
After: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('orders_lines', sa.Column('stock_sku_id', sa.Uuid(), nullable=True))


def downgrade():
    op.drop_column('orders_lines', 'stock_sku_id')
