"""what posts said before they were edited

Revision: 0038
After: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Edits by old code leave no version."""
    op.create_table(
        'versions_versions',
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ('id', 'post_id')),
        sa.Column('number', sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('title', 'body')),
        sa.Column('topics', sa.ARRAY(sa.Text()), nullable=False),
        sa.Column('pictures', sa.BigInteger(), nullable=False),
        sa.Column('until', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_versions_versions')),
        sa.UniqueConstraint('post_id', 'number', name=op.f('uq_versions_versions_post_id_number')),
    )


def downgrade() -> None:
    op.drop_table('versions_versions')
