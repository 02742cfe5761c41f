"""second-hand: articles of persons, the words that may not stand in them, and goods that are handed over

Revision: 0026
After: 0025
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOW = sa.text('now()')
OPEN = "state = 'open'"
CONDITIONS = "condition IN ('new', 'like_new', 'good', 'worn', 'faulty')"


def upgrade() -> None:
    # Without a rewrite of the table: the default of a new column is kept beside it, and old code writes neither.
    op.execute("SET LOCAL lock_timeout = '4s'")
    in_person = sa.Column('in_person', sa.Boolean(), server_default=sa.text('false'), nullable=False)
    op.add_column('catalogue_products', in_person)
    op.add_column('catalogue_products', sa.Column('return_days', sa.BigInteger(), nullable=True))
    op.create_table(
        'secondhand_sellers',
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ['person_id'], ['accounts_people.id'], name=op.f('fk_secondhand_sellers_person_id')
        ),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_secondhand_sellers_shop_id')),
        sa.PrimaryKeyConstraint('person_id', name=op.f('pk_secondhand_sellers')),
        sa.UniqueConstraint('shop_id', name=op.f('uq_secondhand_sellers_shop_id')),
    )
    _articles()
    op.create_table(
        'secondhand_log',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('article_id', sa.Uuid(), nullable=False),
        sa.Column('who_id', sa.Uuid(), nullable=True),
        sa.Column('before', sa.Text(), nullable=True),
        sa.Column('after', sa.Text(), nullable=False),
        sa.Column('why', sa.Text(), nullable=False),
        sa.Column('at', MOMENT, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_secondhand_log')),
    )
    op.create_index('ix_secondhand_log_article', 'secondhand_log', ['article_id', 'id'])
    op.create_table(
        'secondhand_words',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('word', sa.Text(), nullable=False),
        sa.Column('folded', sa.Text(), nullable=False),
        sa.Column('by_id', sa.Uuid(), nullable=False),
        sa.Column('at', MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(['by_id'], ['accounts_people.id'], name=op.f('fk_secondhand_words_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_secondhand_words')),
        sa.UniqueConstraint('folded', name=op.f('uq_secondhand_words_folded')),
    )


def _articles() -> None:
    texts = ('title', 'description', 'condition', 'way', 'province', 'city', 'district', 'city_key', 'state')
    op.create_table(
        'secondhand_articles',
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ('id', 'seller_id', 'shop_id', 'sku_id')),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column('price', sa.BigInteger(), nullable=False),
        sa.Column('words', postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column('why', sa.Text(), server_default='', nullable=False),
        sa.Column('purchase_id', sa.Uuid(), nullable=True),
        sa.Column('listed_at', MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(['id'], ['catalogue_products.id'], name=op.f('fk_secondhand_articles_id')),
        sa.ForeignKeyConstraint(
            ['seller_id'], ['secondhand_sellers.person_id'], name=op.f('fk_secondhand_articles_seller_id')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_secondhand_articles')),
        sa.CheckConstraint(CONDITIONS, name=op.f('ck_secondhand_articles_condition')),
        sa.CheckConstraint("way IN ('meet', 'parcel')", name=op.f('ck_secondhand_articles_way')),
        sa.CheckConstraint("state IN ('open', 'sold', 'off')", name=op.f('ck_secondhand_articles_state')),
        sa.CheckConstraint('price > 0', name=op.f('ck_secondhand_articles_price')),
        sa.CheckConstraint(
            "state <> 'sold' OR purchase_id IS NOT NULL", name=op.f('ck_secondhand_articles_sold')
        ),
    )
    for name, columns, where, using in (
        ('open', ['listed_at', 'id'], OPEN, 'btree'),
        ('city', ['city_key', 'listed_at', 'id'], OPEN, 'btree'),
        ('words', ['words'], OPEN, 'gin'),
        ('seller', ['seller_id', 'listed_at', 'id'], None, 'btree'),
        ('purchase', ['purchase_id'], 'purchase_id IS NOT NULL', 'btree'),
    ):
        partial = {'postgresql_where': sa.text(where)} if where else {}
        index = f'ix_secondhand_articles_{name}'
        op.create_index(index, 'secondhand_articles', columns, postgresql_using=using, **partial)


def downgrade() -> None:
    for name in ('words', 'log', 'articles', 'sellers'):
        op.drop_table(f'secondhand_{name}')
    op.drop_column('catalogue_products', 'return_days')
    op.drop_column('catalogue_products', 'in_person')
