"""what is withheld of a refund; the stock of virtual goods without a file is what is in their pool

Revision: 0030
After: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """With a default, so that old code goes on granting; a shop said any stock, and the last buyers got nothing."""
    withheld = sa.Column('withheld', sa.BigInteger(), server_default=sa.text('0'), nullable=False)
    op.add_column('refunds_shares', withheld)
    op.create_check_constraint(op.f('ck_refunds_shares_withheld'), 'refunds_shares', 'withheld >= 0')
    count_pools()


def count_pools() -> None:
    """What others hold of the codes meanwhile stays theirs."""
    op.execute(
        "WITH pools AS (SELECT s.id AS sku_id,"
        "  (SELECT count(*) FROM codes_codes c WHERE c.sku_id = s.id AND c.line_id IS NULL)"
        "  - (SELECT coalesce(sum(h.quantity), 0) FROM inventory_holds h WHERE h.sku_id = s.id AND h.state = 'active')"
        "  AS units FROM catalogue_skus s JOIN catalogue_products p ON p.id = s.product_id"
        "  WHERE p.goods_kind = 'virtual' AND NOT EXISTS (SELECT FROM codes_files f WHERE f.sku_id = s.id)),"
        " locked AS (SELECT k.sku_id, k.available, k.warehouse_id, greatest(p.units, 0) AS units"
        "  FROM inventory_stock k JOIN pools p ON p.sku_id = k.sku_id ORDER BY k.sku_id FOR UPDATE OF k),"
        " logged AS (INSERT INTO inventory_movements (sku_id, delta, reason, subject_kind, warehouse_id, why)"
        "  SELECT sku_id, units - available, 'set', 'system', warehouse_id, '' FROM locked WHERE units <> available)"
        " UPDATE inventory_stock k SET available = l.units FROM locked l"
        " WHERE k.sku_id = l.sku_id AND k.available <> l.units"
    )


def downgrade() -> None:
    """What shops said before is not known any more."""
    op.drop_column('refunds_shares', 'withheld')
