"""what guests bought is found by the phone number that it goes to

Revision: 0029
After: 0028
"""

from alembic import op

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None

NAME = 'ix_orders_purchases_guest_phone'


def upgrade() -> None:
    """Beside writers, and again after it broke off: a half-built index would be kept and never used."""
    with op.get_context().autocommit_block():
        op.execute('SET lock_timeout = 0')
        op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {NAME}')
        op.execute(
            f'CREATE INDEX CONCURRENTLY {NAME} ON orders_purchases'
            " (right(regexp_replace((address ->> 'phone'), '[^0-9]', '', 'g'), 11)) WHERE buyer_kind = 'guest'"
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {NAME}')
