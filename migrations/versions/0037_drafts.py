"""drafts, and when they are published

Revision: 0037
After: 0036
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'drafts_drafts',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.Column('content', postgresql.JSONB(), nullable=False),
        sa.Column('publish_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('failure', postgresql.JSONB(), nullable=True),
        *(
            sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False)
            for name in ('created_at', 'changed_at')
        ),
        sa.ForeignKeyConstraint(
            ['person_id'], ['accounts_people.id'], name=op.f('fk_drafts_drafts_person_id_accounts_people')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_drafts_drafts')),
    )
    op.create_index('ix_drafts_drafts_person', 'drafts_drafts', ['person_id', 'changed_at', 'id'])
    waits = sa.text('publish_at IS NOT NULL')
    op.create_index('ix_drafts_drafts_due', 'drafts_drafts', ['publish_at'], postgresql_where=waits)


def downgrade() -> None:
    op.drop_table('drafts_drafts')
