"""shops may be renamed, and reviews changed: what they were called, and said, before; withdrawals may be refused

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
    # Without a rewrite of the table: a new column that may be empty.
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column('reviews_reviews', sa.Column('edited_at', MOMENT, nullable=True))
    op.create_table(
        'reviews_edits',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('review_id', sa.Uuid(), nullable=False),
        sa.Column('rating', sa.BigInteger(), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('at', MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ['review_id'], ['reviews_reviews.id'], name=op.f('fk_reviews_edits_review_id'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_reviews_edits')),
    )
    op.create_index('ix_reviews_edits_review', 'reviews_edits', ['review_id', 'id'])
    _payout_rule("(state = 'asked') = (payout_id IS NULL) OR state = 'returned'")
    sent = sa.text("state = 'sent'")
    op.create_index('ix_wallets_withdrawals_sent', 'wallets_withdrawals', ['id'], postgresql_where=sent)


def _payout_rule(rule: str, **how: bool) -> None:
    op.drop_constraint(op.f('ck_wallets_withdrawals_payout'), 'wallets_withdrawals')
    op.create_check_constraint(op.f('ck_wallets_withdrawals_payout'), 'wallets_withdrawals', rule, **how)


def downgrade() -> None:
    op.drop_index('ix_wallets_withdrawals_sent', 'wallets_withdrawals')
    # For new rows only: those that were refused meanwhile went with no payout.
    _payout_rule("(state = 'asked') = (payout_id IS NULL)", postgresql_not_valid=True)
    op.drop_table('reviews_edits')
    op.drop_column('reviews_reviews', 'edited_at')
    op.drop_table('shops_renamings')
