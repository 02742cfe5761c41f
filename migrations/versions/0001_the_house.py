"""the house

Revision: 0001
After: 
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


class Xid8(sa.types.UserDefinedType):
    """PostgreSQL's xid8."""

    cache_ok = True

    def get_col_spec(self, **_):
        return "xid8"


ERA = """
CREATE FUNCTION core_era() RETURNS bigint LANGUAGE sql STABLE
AS 'SELECT coalesce(max(era), 0) FROM core_eras'
"""

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('core_eras',
    sa.Column('era', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('cluster', sa.Text(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('era', name=op.f('pk_core_eras'))
    )
    op.execute(ERA)
    op.create_table('core_count_steps',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('step', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_core_count_steps'))
    )
    op.create_index('ix_core_count_steps_subject', 'core_count_steps', ['subject_id'], unique=False)
    op.create_table('core_counts',
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('subject_id', 'name', name=op.f('pk_core_counts'))
    )
    op.create_table('core_events',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('era', sa.BigInteger(), server_default=sa.text('core_era()'), nullable=False),
    sa.Column('xid', Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_core_events'))
    )
    op.create_index('ix_core_events_order', 'core_events', ['era', 'xid', 'id'], unique=False)
    op.create_table('core_failed_facts',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('listener', sa.Text(), nullable=False),
    sa.Column('event_id', sa.BigInteger(), nullable=False),
    sa.Column('tries', sa.BigInteger(), server_default=sa.text('1'), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_core_failed_facts')),
    sa.UniqueConstraint('listener', 'event_id', name=op.f('uq_core_failed_facts_listener_event_id'))
    )
    op.create_index(op.f('ix_core_failed_facts_next_try_at'), 'core_failed_facts', ['next_try_at'], unique=False)
    op.create_table('core_kept_answers',
    sa.Column('who', sa.Text(), nullable=False),
    sa.Column('method', sa.Text(), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('body_hash', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.SmallInteger(), nullable=False),
    sa.Column('answer', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('who', 'method', 'path', 'key', name=op.f('pk_core_kept_answers'))
    )
    op.create_index(op.f('ix_core_kept_answers_at'), 'core_kept_answers', ['at'], unique=False)
    op.create_table('core_listeners',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('era', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('xid', Xid8(), server_default=sa.text("'0'::xid8"), nullable=False),
    sa.Column('event_id', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('holder', sa.Uuid(), nullable=True),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('heard_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_core_listeners'))
    )


def downgrade() -> None:
    op.drop_table('core_listeners')
    op.drop_index(op.f('ix_core_kept_answers_at'), table_name='core_kept_answers')
    op.drop_table('core_kept_answers')
    op.drop_index(op.f('ix_core_failed_facts_next_try_at'), table_name='core_failed_facts')
    op.drop_table('core_failed_facts')
    op.drop_index('ix_core_events_order', table_name='core_events')
    op.drop_table('core_events')
    op.drop_table('core_counts')
    op.drop_index('ix_core_count_steps_subject', table_name='core_count_steps')
    op.drop_table('core_count_steps')
    op.execute('DROP FUNCTION core_era()')
    op.drop_table('core_eras')
