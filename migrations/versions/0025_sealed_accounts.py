"""accounts of withdrawals are sealed

Revision: 0025
After: 0024

Expand. Left for the next version (contract): write and read `account` no more, set it to NULL where it is sealed, drop
it, and make `sealed_account` and `ends_with` NOT NULL.
"""

import sqlalchemy as sa
from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Both may be NULL, so that old code goes on; what it writes, and what is there, the worker seals.
    op.add_column('wallets_withdrawals', sa.Column('sealed_account', sa.LargeBinary(), nullable=True))
    op.add_column('wallets_withdrawals', sa.Column('ends_with', sa.Text(), nullable=True))
    op.create_index(
        'ix_wallets_withdrawals_unsealed',
        'wallets_withdrawals',
        ['id'],
        postgresql_where=sa.text('sealed_account IS NULL'),
    )


def downgrade() -> None:
    op.drop_index('ix_wallets_withdrawals_unsealed', 'wallets_withdrawals')
    op.drop_column('wallets_withdrawals', 'ends_with')
    op.drop_column('wallets_withdrawals', 'sealed_account')
