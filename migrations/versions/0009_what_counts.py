"""what counts: a click once an hour for each visitor, and which impressions were views

Revision: 0009
After: 0008
"""

from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

FIRST_OF_AN_HOUR = (
    'UPDATE links_clicks SET counted_as = first.counted_as FROM ('
    ' SELECT DISTINCT ON (who.link_id, who.counted_as, who.hour) who.id, who.counted_as FROM ('
    '  SELECT c.id, c.link_id, coalesce(c.visitor_id, gen_random_uuid()) AS counted_as,'
    "   date_trunc('hour', c.at AT TIME ZONE 'UTC') AS hour"
    '  FROM links_clicks c JOIN links_links l ON l.id = c.link_id'
    "  WHERE c.visitor_kind IS DISTINCT FROM 'passing' AND c.visitor_id IS DISTINCT FROM l.promoter_id) AS who"
    ' ORDER BY who.link_id, who.counted_as, who.hour, who.id) AS first'
    ' WHERE links_clicks.id = first.id'
)
"""Clicks of before, by the new rule; a stranger's without an address each for itself."""
ADDRESSES = "UPDATE links_clicks SET visitor_kind = NULL, visitor_id = NULL WHERE visitor_kind = 'address'"
INDEXES = {
    'uq_links_clicks_counted': "UNIQUE INDEX {} ON links_clicks (link_id, counted_as,"
    " date_trunc('hour', at AT TIME ZONE 'UTC')) WHERE counted_as IS NOT NULL",
    'ix_recommendations_impressions_counted': 'INDEX {} ON recommendations_impressions (post_id, id) WHERE counted',
}


def upgrade() -> None:
    """May run beside the shop, and again after it broke off: what clicks old processes write until they end does not
    count. Which impressions of before were views nobody knows; the counts of views stay as they are."""
    op.execute('ALTER TABLE links_clicks ADD COLUMN IF NOT EXISTS counted_as uuid')
    op.execute(
        'ALTER TABLE recommendations_impressions ADD COLUMN IF NOT EXISTS counted boolean DEFAULT false NOT NULL'
    )
    op.execute(FIRST_OF_AN_HOUR)
    op.execute(ADDRESSES)
    with op.get_context().autocommit_block():
        op.execute('SET lock_timeout = 0')
        for name, what in INDEXES.items():
            kind, _, rest = what.partition('INDEX')
            op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {name}')
            op.execute(f'CREATE {kind}INDEX CONCURRENTLY{rest.format(name)}')
        op.execute('DROP INDEX CONCURRENTLY IF EXISTS ix_links_clicks_link_id')


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute('SET lock_timeout = 0')
        op.execute('CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_links_clicks_link_id ON links_clicks (link_id)')
        for name in INDEXES:
            op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {name}')
    op.drop_column('recommendations_impressions', 'counted')
    op.drop_column('links_clicks', 'counted_as')
