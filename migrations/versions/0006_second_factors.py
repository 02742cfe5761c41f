"""second factors

Revision: 0006
After: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('accounts_sessions', sa.Column('proven_at', sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        'factors_totp',
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.Column('secret', sa.LargeBinary(), nullable=False),
        sa.Column('last_step', sa.BigInteger(), nullable=False),
        sa.Column('tries', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
        sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('since', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint('tries >= 0', name=op.f('ck_factors_totp_tries')),
        sa.ForeignKeyConstraint(
            ['person_id'], ['accounts_people.id'], name=op.f('fk_factors_totp_person_id')
        ),
        sa.PrimaryKeyConstraint('person_id', name=op.f('pk_factors_totp')),
    )


def downgrade() -> None:
    op.drop_table('factors_totp')
    op.drop_column('accounts_sessions', 'proven_at')
