"""order status, sku names, ended holds

Revision: 0003
After: 0002
"""

from itertools import groupby

import orjson
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

LONGEST_NAME = 120
BATCH = 500

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # All at once and in the order of the application, which goes from a purchase to its holds: one table after the other
    # in another order deadlocks with purchases that go on meanwhile.
    op.execute('LOCK TABLE orders_purchases, orders_orders, inventory_holds, catalogue_skus IN ACCESS EXCLUSIVE MODE')
    op.add_column('inventory_holds', sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True))
    _keep_status_beside_orders()
    op.alter_column('catalogue_skus', 'attributes', type_=sa.JSON(), postgresql_using='attributes::json')
    _name_apart(op.get_bind())
    op.create_unique_constraint(op.f('uq_catalogue_skus_product_id_name'), 'catalogue_skus', ['product_id', 'name'])


def downgrade() -> None:
    op.drop_constraint(op.f('uq_catalogue_skus_product_id_name'), 'catalogue_skus', type_='unique')
    op.alter_column('catalogue_skus', 'attributes', type_=postgresql.JSONB(), postgresql_using='attributes::jsonb')
    op.drop_index('ix_orders_orders_status', table_name='orders_orders')
    op.drop_constraint(op.f('fk_orders_orders_purchase_id_status'), 'orders_orders', type_='foreignkey')
    op.drop_column('orders_orders', 'status')
    op.create_foreign_key(op.f('fk_orders_orders_purchase_id'), 'orders_orders', 'orders_purchases', ['purchase_id'], ['id'])
    op.drop_constraint(op.f('uq_orders_purchases_id_status'), 'orders_purchases', type_='unique')
    op.drop_column('inventory_holds', 'ended_at')


def _keep_status_beside_orders() -> None:
    """Expand, fill, constrain. From then on the foreign key carries each change over, also one that old code makes;
    until then no purchase may change."""
    op.execute("LOCK TABLE orders_purchases IN SHARE ROW EXCLUSIVE MODE")
    op.add_column('orders_orders', sa.Column('status', sa.Text(), server_default='unpaid', nullable=False))
    op.execute(
        "UPDATE orders_orders o SET status = p.status FROM orders_purchases p"
        " WHERE p.id = o.purchase_id AND p.status <> 'unpaid'"
    )
    op.create_unique_constraint(op.f('uq_orders_purchases_id_status'), 'orders_purchases', ['id', 'status'])
    op.drop_constraint(op.f('fk_orders_orders_purchase_id'), 'orders_orders', type_='foreignkey')
    op.create_foreign_key(
        op.f('fk_orders_orders_purchase_id_status'),
        'orders_orders',
        'orders_purchases',
        ['purchase_id', 'status'],
        ['id', 'status'],
        onupdate='CASCADE',
    )
    op.create_index('ix_orders_orders_status', 'orders_orders', ['shop_id', 'status', 'created_at', 'id'], unique=False)


def _name_apart(connection: sa.Connection) -> None:
    """Of variants of one product with one name the first keeps it; the others become "name (2)", "name (3)" ..."""
    rows = connection.execute(sa.text(
        "SELECT id, product_id, name, fragment FROM catalogue_skus WHERE product_id IN ("
        " SELECT product_id FROM catalogue_skus GROUP BY product_id, name HAVING count(*) > 1)"
        " ORDER BY product_id, position, id"
    )).all()
    changes = []
    for _, some in groupby(rows, key=lambda row: row.product_id):
        skus = list(some)
        taken, seen = {one.name for one in skus}, set()
        for one in skus:
            name = one.name if one.name not in seen else _free(one.name, taken)
            taken.add(name)
            seen.add(one.name)
            if name != one.name:
                changes.append({"id": one.id, "name": name, "fragment": _renamed(one.fragment, name)})
    renaming = sa.text("UPDATE catalogue_skus SET name = :name, fragment = :fragment WHERE id = :id")
    for start in range(0, len(changes), BATCH):
        connection.execute(renaming, changes[start:start + BATCH])


def _free(name: str, taken: set[str]) -> str:
    number = 2
    while (found := f"{name[:LONGEST_NAME - len(f' ({number})')]} ({number})") in taken:
        number += 1
    return found


def _renamed(fragment: bytes, name: str) -> bytes:
    """The prepared JSON of a variant, which has no closing brace, with another name."""
    return orjson.dumps({**orjson.loads(bytes(fragment) + b"}"), "name": name})[:-1]
