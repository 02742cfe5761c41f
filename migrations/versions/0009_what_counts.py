"""what counts: a click once an hour for each visitor, and which impressions were views

Revision: 0009
After: 0008
"""

from alembic import op
from sqlalchemy import text

BATCH = 5000

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

COLUMNS = (
    'ALTER TABLE links_clicks ADD COLUMN IF NOT EXISTS counted_as uuid',
    'ALTER TABLE recommendations_impressions ADD COLUMN IF NOT EXISTS counted boolean DEFAULT false NOT NULL',
)
INDEXES = {
    'uq_links_clicks_counted': "UNIQUE INDEX {} ON links_clicks (link_id, counted_as,"
    " date_trunc('hour', at AT TIME ZONE 'UTC')) WHERE counted_as IS NOT NULL",
    'ix_recommendations_impressions_counted': 'INDEX {} ON recommendations_impressions (post_id, seen_at, id) WHERE counted',
}
FIRST_OF_AN_HOUR = (
    'WITH who AS (SELECT c.id, c.link_id, coalesce(c.visitor_id, gen_random_uuid()) AS counted_as,'
    "  date_trunc('hour', c.at AT TIME ZONE 'UTC') AS hour FROM links_clicks c JOIN links_links l ON l.id = c.link_id"
    '  WHERE c.id >= :first AND c.id < :first + :most AND c.counted_as IS NULL'
    "   AND c.visitor_kind IS DISTINCT FROM 'passing' AND c.visitor_id IS DISTINCT FROM l.promoter_id),"
    ' first AS (SELECT DISTINCT ON (link_id, counted_as, hour) * FROM who ORDER BY link_id, counted_as, hour, id)'
    ' UPDATE links_clicks SET counted_as = first.counted_as FROM first WHERE links_clicks.id = first.id'
    ' AND NOT EXISTS (SELECT FROM links_clicks known WHERE known.counted_as IS NOT NULL'
    '  AND known.link_id = first.link_id AND known.counted_as = first.counted_as'
    "  AND date_trunc('hour', known.at AT TIME ZONE 'UTC') = first.hour)"
)
"""Clicks of before, by the new rule; a stranger's without an address each for itself."""
COUNTED_STRANGERS = (
    'INSERT INTO links_clicks (link_id, product_id, at) SELECT link_id, product_id, at FROM links_clicks'
    " WHERE visitor_kind = 'passing' AND counted_as IS NOT NULL"
)
"""The code of before does not count passing guests: it would lose those who count as their address."""


def upgrade() -> None:
    """Runs beside the shop, and again after it broke off: no statement holds a lock for long, and clicks are gone through
    by a few thousand. What clicks old processes write until they end does not count. Which impressions of before were
    views nobody knows; the counts of views stay as they are. The index by link stays for the old processes."""
    with op.get_context().autocommit_block():
        for column in COLUMNS:
            op.execute(column)
        op.execute('SET lock_timeout = 0')
        for name, what in INDEXES.items():
            kind, _, rest = what.partition('INDEX')
            op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {name}')
            op.execute(f'CREATE {kind}INDEX CONCURRENTLY{rest.format(name)}')
        _count_old_clicks()


def _count_old_clicks() -> None:
    ends = op.get_bind().execute(text('SELECT min(id), max(id) FROM links_clicks')).one()
    for first in range(ends[0] or 0, (ends[1] or -1) + 1, BATCH):
        op.get_bind().execute(text(FIRST_OF_AN_HOUR), {'first': first, 'most': BATCH})


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute('SET lock_timeout = 0')
        for name in INDEXES:
            op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {name}')
    op.execute(COUNTED_STRANGERS)
    op.drop_column('recommendations_impressions', 'counted')
    op.drop_column('links_clicks', 'counted_as')
