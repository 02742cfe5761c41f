"""indexes of large tables: lines that posts have brought, search for people

Revision: 0008
After: 0007
"""

from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

INDEXES = {
    'ix_orders_lines_post': 'orders_lines (post_id, id) WHERE post_id IS NOT NULL',
    'ix_accounts_people_created': 'accounts_people (created_at, id)',
    'ix_accounts_people_username_key_beginning': 'accounts_people (username_key text_pattern_ops)',
    'ix_accounts_people_nickname_beginning': 'accounts_people (nickname text_pattern_ops)',
}


def upgrade() -> None:
    """Built beside the running shop: plain ones would hold up all orders and sign-ups until they are there.

    Each waits for older transactions however long they last; one that was left half built by an earlier try goes first.
    """
    with op.get_context().autocommit_block():
        op.execute('SET lock_timeout = 0')
        for name, what in INDEXES.items():
            op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {name}')
            op.execute(f'CREATE INDEX CONCURRENTLY {name} ON {what}')


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute('SET lock_timeout = 0')
        for name in INDEXES:
            op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {name}')
