"""the admin view: audit log, notes of sweeps, the queue of moderators

Revision: 0007
After: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

UNCHANGED = """
CREATE FUNCTION core_refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only ever added to'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ck_core_audit_unchanged';
END $$
"""
AT_THE_HEAD = """
INSERT INTO core_listeners (name, era, xid, event_id)
SELECT 'moderation.queue_posts', era, xid, id FROM core_events
WHERE era < core_era() OR xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY era DESC, xid DESC, id DESC LIMIT 1
ON CONFLICT DO NOTHING
"""
"""Its listener begins with what comes from now on, not with all posts ever written; nowhere while the log is empty."""
ACTION = op.f('ck_moderation_decisions_action')


def upgrade() -> None:
    _core()
    op.create_table(
        'moderation_queue',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('subject_id', sa.Uuid(), nullable=False),
        sa.Column('version', sa.DateTime(timezone=True), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('decision_id', sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ['decision_id'], ['moderation_decisions.id'], name=op.f('fk_moderation_queue_decision_id')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_moderation_queue')),
    )
    is_open = sa.text('closed_at IS NULL')
    op.create_index(
        'uq_moderation_queue_open', 'moderation_queue', ['kind', 'subject_id'], unique=True, postgresql_where=is_open
    )
    op.create_index('ix_moderation_queue_waiting', 'moderation_queue', ['at', 'id'], postgresql_where=is_open)
    op.create_index('ix_moderation_queue_subject', 'moderation_queue', ['subject_id', 'version'])
    op.create_index(
        'ix_moderation_decisions_in_force',
        'moderation_decisions',
        ['at', 'id'],
        postgresql_where=sa.text("action = 'takedown' AND ended_at IS NULL"),
    )
    op.drop_constraint(ACTION, 'moderation_decisions', type_='check')
    op.create_check_constraint(
        ACTION, 'moderation_decisions', "action IN ('takedown', 'restore', 'dismissal', 'approval')"
    )
    op.execute(AT_THE_HEAD)


def _core() -> None:
    op.create_table(
        'core_audit',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('who_id', sa.Uuid(), nullable=True),
        sa.Column('what', sa.Text(), nullable=False),
        sa.Column('subject_kind', sa.Text(), nullable=False),
        sa.Column('subject_id', sa.Text(), nullable=False),
        sa.Column('why', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_core_audit')),
    )
    op.create_index('ix_core_audit_who', 'core_audit', ['who_id', 'id'])
    op.create_index('ix_core_audit_subject', 'core_audit', ['subject_id', 'id'])
    op.execute(UNCHANGED)
    op.execute('CREATE TRIGGER core_audit_unchanged BEFORE UPDATE OR DELETE ON core_audit FOR EACH ROW EXECUTE FUNCTION core_refuse_change_of_audit()')
    op.execute('CREATE TRIGGER core_audit_not_emptied BEFORE TRUNCATE ON core_audit FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change_of_audit()')
    op.create_table(
        'core_sweeps',
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('ran_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('took_ms', sa.BigInteger(), nullable=False),
        sa.Column('did', sa.BigInteger(), nullable=False),
        sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('error', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_core_sweeps')),
    )


def downgrade() -> None:
    op.drop_table('moderation_queue')
    op.execute("DELETE FROM core_listeners WHERE name = 'moderation.queue_posts'")
    op.drop_index('ix_moderation_decisions_in_force', table_name='moderation_decisions')
    op.execute("UPDATE moderation_reports SET decision_id = NULL WHERE decision_id IN (SELECT id FROM moderation_decisions WHERE action = 'approval')")
    op.execute("DELETE FROM moderation_decisions WHERE action = 'approval'")
    op.drop_constraint(ACTION, 'moderation_decisions', type_='check')
    op.create_check_constraint(ACTION, 'moderation_decisions', "action IN ('takedown', 'restore', 'dismissal')")
    op.drop_table('core_sweeps')
    op.drop_table('core_audit')
    op.execute('DROP FUNCTION core_refuse_change_of_audit()')
