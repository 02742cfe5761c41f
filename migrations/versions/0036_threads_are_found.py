"""threads of comments are found by an index

Revision: 0036
After: 0035
"""

from alembic import op

revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None

INDEXES = {
    'ix_comments_comments_new': '(post_id, created_at, id) WHERE root_id IS NULL',
    'ix_comments_comments_hot': '(post_id, heat, created_at, id) WHERE root_id IS NULL',
    'ix_comments_comments_root': '(root_id, created_at, id) WHERE root_id IS NOT NULL',
}


def upgrade() -> None:
    """Beside writers, and again after it broke off: a half-built index would be kept and never used."""
    with op.get_context().autocommit_block():
        op.execute('SET lock_timeout = 0')
        for name, on in INDEXES.items():
            op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {name}')
            op.execute(f'CREATE INDEX CONCURRENTLY {name} ON comments_comments {on}')


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name in INDEXES:
            op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {name}')
