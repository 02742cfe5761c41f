"""reviews: pictures, follow-ups, replies, votes, take-downs

Revision: 0022
After: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
INDEXES = {
    'ix_reviews_reviews_stars': 'product_id, rating, at, id',
    'ix_reviews_reviews_helped': 'product_id, helped, at, id',
    'ix_reviews_reviews_shop': 'shop_id, at, id',
}


def _table(name, *columns, keys, cascades=True):
    op.create_table(
        f'reviews_{name}',
        sa.Column('review_id', sa.Uuid(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ['review_id'], ['reviews_reviews.id'], name=op.f(f'fk_reviews_{name}_review_id'),
            ondelete='CASCADE' if cascades else None,
        ),
        sa.PrimaryKeyConstraint(*keys, name=op.f(f'pk_reviews_{name}')),
    )  # fmt: skip


def _said(by):
    at = sa.Column('at', MOMENT, server_default=sa.text('now()'), nullable=False)
    return *(sa.Column(name, kind, nullable=False) for name, kind in by.items()), at


def upgrade():
    # The shops of reviews from before are filled in by the worker: it hears of all of them again.
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column('reviews_reviews', sa.Column('shop_id', sa.Uuid(), nullable=True))
    op.add_column(
        'reviews_reviews', sa.Column('helped', sa.BigInteger(), server_default=sa.text('0'), nullable=False)
    )
    _table(
        'pictures',
        sa.Column('upload_id', sa.Uuid(), nullable=False),
        sa.Column('position', sa.BigInteger(), nullable=False),
        sa.Column('is_later', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['upload_id'], ['uploads_uploads.id'], name=op.f('fk_reviews_pictures_upload_id')),
        keys=('review_id', 'upload_id'),
    )
    _table('follow_ups', *_said({'text': sa.Text()}), keys=('review_id',))
    _table('replies', *_said({'text': sa.Text(), 'by_id': sa.Uuid()}), keys=('review_id',))
    _table(
        'votes',
        *_said({'person_id': sa.Uuid()}),
        sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_reviews_votes_person_id')),
        keys=('review_id', 'person_id'),
    )
    op.create_index(op.f('ix_reviews_votes_person_id'), 'reviews_votes', ['person_id'])
    _table('takedowns', *_said({'reason': sa.Text(), 'by_id': sa.Uuid()}), keys=('review_id',), cascades=False)
    with op.get_context().autocommit_block():
        op.execute('SET lock_timeout = 0')
        for name, columns in INDEXES.items():
            op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {name}')
            op.execute(f'CREATE INDEX CONCURRENTLY {name} ON reviews_reviews ({columns})')


def downgrade():
    for one in ('takedowns', 'votes', 'replies', 'follow_ups', 'pictures'):
        op.drop_table(f'reviews_{one}')
    for name in INDEXES:
        op.execute(f'DROP INDEX {name}')
    op.drop_column('reviews_reviews', 'helped')
    op.drop_column('reviews_reviews', 'shop_id')
