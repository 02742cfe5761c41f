"""blocks, mutes, remarks, words that one wants nothing of; posts for friends

Revision: 0033
After: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None

SEEN = 'ck_posts_posts_visibility'


def upgrade() -> None:
    """Old code shows posts for friends to their authors alone, and looks at none of these tables."""
    relation('social_blocks', 'blocker_id', 'blocked_id', at())
    op.create_index('ix_social_blocks_blocked', 'social_blocks', ['blocked_id'])
    relation('social_mutes', 'person_id', 'muted_id', sa.Column('until', sa.DateTime(timezone=True)), at())
    relation('social_remarks', 'person_id', 'about_id', sa.Column('words', sa.Text(), nullable=False))
    op.create_table(
        'filters_words',
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.Column('word', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ['person_id'], ['accounts_people.id'], name=op.f('fk_filters_words_person_id_accounts_people')
        ),
        sa.PrimaryKeyConstraint('person_id', 'word', name=op.f('pk_filters_words')),
    )
    op.create_table(
        'comments_severed',
        sa.Column('comment_id', sa.Uuid(), nullable=False),
        at(),
        sa.ForeignKeyConstraint(
            ['comment_id'], ['comments_comments.id'], name=op.f('fk_comments_severed_comment_id_comments_comments')
        ),
        sa.PrimaryKeyConstraint('comment_id', name=op.f('pk_comments_severed')),
    )
    op.execute(f'ALTER TABLE posts_posts DROP CONSTRAINT {SEEN}')
    op.execute(
        f"ALTER TABLE posts_posts ADD CONSTRAINT {SEEN}"
        " CHECK (visibility IN ('public', 'friends', 'private')) NOT VALID"
    )


def at() -> sa.Column:
    """When it was."""
    return sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False)


def relation(table: str, one: str, other: str, *more: sa.Column) -> None:
    """What one person is to another."""
    op.create_table(
        table,
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in (one, other)),
        *more,
        sa.CheckConstraint(f'{one} <> {other}', name=op.f(f'ck_{table}_not_oneself')),
        *(
            sa.ForeignKeyConstraint([name], ['accounts_people.id'], name=op.f(f'fk_{table}_{name}_accounts_people'))
            for name in (one, other)
        ),
        sa.PrimaryKeyConstraint(one, other, name=op.f(f'pk_{table}')),
    )


def downgrade() -> None:
    """Posts for friends become their authors' alone."""
    op.execute("UPDATE posts_posts SET visibility = 'private' WHERE visibility = 'friends'")
    op.execute(f'ALTER TABLE posts_posts DROP CONSTRAINT {SEEN}')
    op.create_check_constraint(op.f(SEEN), 'posts_posts', "visibility IN ('public', 'private')")
    for table in ('comments_severed', 'filters_words', 'social_remarks', 'social_mutes', 'social_blocks'):
        op.drop_table(table)
