"""roles of a shop's staff

Revision: 0010
After: 0009
"""

from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

ROLE = 'ck_shops_staff_role'


def upgrade():
    # Clerks might do all that a manager may; only the crowd of a demo town could have had any.
    op.execute(f'ALTER TABLE shops_staff DROP CONSTRAINT {ROLE}')
    op.execute("UPDATE shops_staff SET role = 'manager' WHERE role = 'clerk'")
    op.create_check_constraint(
        op.f(ROLE), 'shops_staff', "role IN ('owner', 'manager', 'packer', 'after_sales', 'reader')"
    )


def downgrade():
    op.execute(f'ALTER TABLE shops_staff DROP CONSTRAINT {ROLE}')
    op.execute("UPDATE shops_staff SET role = 'clerk' WHERE role <> 'owner'")
    op.create_check_constraint(op.f(ROLE), 'shops_staff', "role IN ('owner', 'clerk')")
