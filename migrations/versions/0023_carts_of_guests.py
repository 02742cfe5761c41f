"""carts of guests are forgotten

Revision: 0023
After: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # With a default, so that old code goes on adding lines; what it adds for guests meanwhile is kept for ever.
    is_guest = sa.Column('is_guest', sa.Boolean(), server_default=sa.text('false'), nullable=False)
    op.add_column('carts_lines', is_guest)
    op.execute(
        "UPDATE carts_lines c SET is_guest = true FROM carts_carts t"
        " WHERE t.buyer_id = c.buyer_id AND t.buyer_kind = 'guest'"
    )
    op.create_index('ix_carts_lines_guests', 'carts_lines', ['added_at'], postgresql_where=sa.text('is_guest'))


def downgrade() -> None:
    op.drop_index('ix_carts_lines_guests', 'carts_lines')
    op.drop_column('carts_lines', 'is_guest')
