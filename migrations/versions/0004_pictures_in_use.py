"""pictures in use

Revision: 0004
After: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Pictures that were sent before this stay, used or not; so do those that older code sends beside it, by the
    default."""
    op.add_column(
        'uploads_uploads',
        sa.Column('used_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=True),
    )
    op.create_index(
        'ix_uploads_uploads_unused', 'uploads_uploads', ['created_at'],
        unique=False, postgresql_where=sa.text('used_at IS NULL'),
    )


def downgrade() -> None:
    op.drop_index('ix_uploads_uploads_unused', table_name='uploads_uploads')
    op.drop_column('uploads_uploads', 'used_at')
