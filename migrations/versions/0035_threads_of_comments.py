"""comments answer each other, show goods, are held and put on top

Revision: 0035
After: 0034

Expand. Left for the next version (contract): drop ix_comments_comments_post, which only old code uses.
"""

import sqlalchemy as sa
from alembic import op

revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None

COMMENT = 'comments_comments'


def upgrade() -> None:
    """Old code writes threads of one comment, which are counted as that."""
    op.add_column('posts_posts', sa.Column('comments_off', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    for name in ('root_id', 'parent_id'):
        op.add_column(COMMENT, sa.Column(name, sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f'fk_{COMMENT}_{name}_{COMMENT}'), COMMENT, COMMENT, [name], ['id'])
    op.add_column(COMMENT, sa.Column('heat', sa.SmallInteger(), server_default=sa.text('0'), nullable=False))
    op.add_column(COMMENT, sa.Column('counted', sa.BigInteger(), server_default=sa.text('1'), nullable=False))
    op.create_check_constraint(op.f('ck_comments_comments_thread'), COMMENT, '(root_id IS NULL) = (parent_id IS NULL)')
    op.create_table(
        'comments_products',
        sa.Column('comment_id', sa.Uuid(), nullable=False),
        sa.Column('position', sa.SmallInteger(), nullable=False),
        sa.Column('product_id', sa.Uuid(), nullable=False),
        sa.Column('link_code', sa.Text(), nullable=False),
        of_comment('comments_products'),
        sa.PrimaryKeyConstraint('comment_id', 'position', name=op.f('pk_comments_products')),
    )
    op.create_table(
        'comments_holds',
        sa.Column('comment_id', sa.Uuid(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        at(),
        of_comment('comments_holds'),
        sa.PrimaryKeyConstraint('comment_id', name=op.f('pk_comments_holds')),
    )
    op.create_table(
        'comments_pins',
        sa.Column('post_id', sa.Uuid(), nullable=False),
        sa.Column('comment_id', sa.Uuid(), nullable=False),
        at(),
        of_comment('comments_pins'),
        sa.ForeignKeyConstraint(['post_id'], ['posts_posts.id'], name=op.f('fk_comments_pins_post_id_posts_posts')),
        sa.PrimaryKeyConstraint('post_id', name=op.f('pk_comments_pins')),
    )
    count_what_is_hidden()


def at() -> sa.Column:
    """When it was."""
    return sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False)


def of_comment(table: str) -> sa.ForeignKeyConstraint:
    """Its comment."""
    named = op.f(f'fk_{table}_comment_id_comments_comments')
    return sa.ForeignKeyConstraint(['comment_id'], ['comments_comments.id'], name=named)


def count_what_is_hidden() -> None:
    """What is hidden now is in no count."""
    for table in ('comments_takedowns', 'comments_deletions', 'comments_severed'):
        op.execute(f'UPDATE comments_comments SET counted = 0 WHERE id IN (SELECT comment_id FROM {table})')


def downgrade() -> None:
    """Replies stand beside what they answered."""
    for table in ('comments_pins', 'comments_holds', 'comments_products'):
        op.drop_table(table)
    op.drop_constraint(op.f('ck_comments_comments_thread'), COMMENT)
    for name in ('counted', 'heat', 'parent_id', 'root_id'):
        op.drop_column(COMMENT, name)
    op.drop_column('posts_posts', 'comments_off')
