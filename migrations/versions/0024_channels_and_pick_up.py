"""channels of orders, goods that are fetched, ways to pay of a purchase

Revision: 0024
After: 0023
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

# All with a default or NULL, so that old code goes on writing rows: it sells in the mall, and sends.
TEXT, OBJECT = sa.Text(), JSONB()
COLUMNS = (
    ('warehouses_warehouses', 'pick_up_hours', TEXT, {'server_default': '', 'nullable': False}),
    ('checkout_checkouts', 'pick_ups', OBJECT, {'server_default': sa.text("'{}'"), 'nullable': False}),
    ('checkout_checkouts', 'channel', TEXT, {'server_default': 'mall', 'nullable': False}),
    ('orders_purchases', 'gateways', OBJECT, {}),
    ('orders_orders', 'pick_up', OBJECT, {}),
)


def upgrade():
    op.execute("SET LOCAL lock_timeout = '4s'")
    for table, name, kind, how in COLUMNS:
        op.add_column(table, sa.Column(name, kind, **how))


def downgrade():
    for table, name, _, _ in reversed(COLUMNS):
        op.drop_column(table, name)
