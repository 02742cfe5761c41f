"""what an author gets for a post is declared

Revision: 0039
After: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None

DECLARED = 'ck_posts_posts_declared'


def upgrade() -> None:
    """Posts of before, and of old code, declare nothing; they are asked at their next change of tags."""
    op.add_column('posts_posts', sa.Column('declared', sa.Text(), server_default='none', nullable=False))
    op.execute(
        f"ALTER TABLE posts_posts ADD CONSTRAINT {DECLARED}"
        " CHECK (declared IN ('none', 'commission', 'gift', 'paid', 'own_goods')) NOT VALID"
    )
    op.execute(f'ALTER TABLE posts_posts VALIDATE CONSTRAINT {DECLARED}')


def downgrade() -> None:
    op.drop_column('posts_posts', 'declared')
