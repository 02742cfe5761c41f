"""posts of friends, and comments of a person, are found by an index

Revision: 0034
After: 0033
"""

from alembic import op

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None

SHARED, PUBLISHED = 'ix_posts_posts_author_shared', 'ix_posts_posts_author_published'
WRITTEN = 'ix_comments_comments_author'


def upgrade() -> None:
    """Beside writers, and again after it broke off: a half-built index would be kept and never used."""
    with op.get_context().autocommit_block():
        op.execute('SET lock_timeout = 0')
        op.execute('ALTER TABLE posts_posts VALIDATE CONSTRAINT ck_posts_posts_visibility')
        again(SHARED, "posts_posts (author_id, published_at, id)", "visibility IN ('public', 'friends')")
        again(WRITTEN, 'comments_comments (author_id, created_at, id)')
        op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {PUBLISHED}')


def again(name: str, on: str, shown: str = '') -> None:
    where = f" WHERE {shown} AND state = 'published'" if shown else ''
    op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {name}')
    op.execute(f'CREATE INDEX CONCURRENTLY {name} ON {on}{where}')


def downgrade() -> None:
    with op.get_context().autocommit_block():
        again(PUBLISHED, "posts_posts (author_id, published_at, id)", "visibility = 'public'")
        for name in (SHARED, WRITTEN):
            op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {name}')
