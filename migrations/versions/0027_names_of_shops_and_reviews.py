"""shops may be renamed: the log of their names

Revision: 0027
After: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text('now()')


def upgrade() -> None:
    op.create_table(
        'shops_renamings',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('who_id', sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('before', 'after', 'why')),
        sa.Column('at', MOMENT, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_shops_renamings')),
    )
    op.create_index('ix_shops_renamings_shop', 'shops_renamings', ['shop_id', 'id'])


def downgrade() -> None:
    op.drop_table('shops_renamings')
