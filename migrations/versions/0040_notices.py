"""notices: the inbox, what is sent of it, and what a person wants of both

Revision: 0040
After: 0039
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None

TABLES = (
    'notifications_notices',
    'notifications_parts',
    'notifications_switches',
    'reach_preferences',
    'reach_devices',
    'reach_contacts',
    'sending_deliveries',
    'sending_sandbox',
)


def upgrade() -> None:
    """New tables only."""
    op.create_table('notifications_notices',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('tab', sa.Text(), nullable=False),
    sa.Column('target_id', sa.Uuid(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('count', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('count >= 0', name=op.f('ck_notifications_notices_count')),
    sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_notifications_notices_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notifications_notices')),
    sa.UniqueConstraint('person_id', 'kind', 'target_id', 'day', name=op.f('uq_notifications_notices_person_id_kind_target_id_day'))
    )
    op.create_index('ix_notifications_notices_empty', 'notifications_notices', ['last_at'], unique=False, postgresql_where=sa.text('count = 0'))
    op.create_index('ix_notifications_notices_last', 'notifications_notices', ['last_at'], unique=False)
    op.create_index('ix_notifications_notices_shown', 'notifications_notices', ['person_id', 'last_at', 'id'], unique=False, postgresql_where=sa.text('count > 0'))
    op.create_index('ix_notifications_notices_tab', 'notifications_notices', ['person_id', 'tab', 'last_at', 'id'], unique=False, postgresql_where=sa.text('count > 0'))
    op.create_index('ix_notifications_notices_target', 'notifications_notices', ['kind', 'target_id'], unique=False)
    op.create_index('ix_notifications_notices_unread', 'notifications_notices', ['person_id', 'tab'], unique=False, postgresql_where=sa.text('count > 0 AND read_at IS NULL'))
    op.create_table('notifications_parts',
    sa.Column('notice_id', sa.Uuid(), nullable=False),
    sa.Column('source_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['notice_id'], ['notifications_notices.id'], name=op.f('fk_notifications_parts_notice_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('notice_id', 'source_id', name=op.f('pk_notifications_parts'))
    )
    op.create_index('ix_notifications_parts_latest', 'notifications_parts', ['notice_id', 'at'], unique=False)
    op.create_index('ix_notifications_parts_source', 'notifications_parts', ['source_id'], unique=False)
    op.create_table('notifications_switches',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('medium', sa.Text(), nullable=False),
    sa.Column('is_on', sa.Boolean(), nullable=False),
    sa.CheckConstraint("medium IN ('inbox', 'push', 'sms', 'email')", name=op.f('ck_notifications_switches_medium')),
    sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_notifications_switches_person_id')),
    sa.PrimaryKeyConstraint('person_id', 'kind', 'medium', name=op.f('pk_notifications_switches'))
    )
    op.create_table('reach_preferences',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('quiet_from', sa.SmallInteger(), nullable=True),
    sa.Column('quiet_to', sa.SmallInteger(), nullable=True),
    sa.Column('digest', sa.Text(), server_default='off', nullable=False),
    sa.Column('daily_pushes', sa.SmallInteger(), server_default=sa.text('30'), nullable=False),
    sa.Column('language', sa.Text(), server_default='zh', nullable=False),
    sa.CheckConstraint("digest IN ('off', 'daily')", name=op.f('ck_reach_preferences_digest')),
    sa.CheckConstraint("language IN ('zh', 'en')", name=op.f('ck_reach_preferences_language')),
    sa.CheckConstraint('(quiet_from IS NULL) = (quiet_to IS NULL)', name=op.f('ck_reach_preferences_quiet')),
    sa.CheckConstraint('daily_pushes >= 0', name=op.f('ck_reach_preferences_daily_pushes')),
    sa.CheckConstraint('quiet_from BETWEEN 0 AND 1439 AND quiet_to BETWEEN 0 AND 1439', name=op.f('ck_reach_preferences_minutes')),
    sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_reach_preferences_person_id')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_reach_preferences'))
    )
    op.create_table('reach_devices',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('device_id', sa.Uuid(), nullable=False),
    sa.Column('platform', sa.Text(), nullable=False),
    sa.Column('token', sa.Text(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("platform IN ('ios', 'android')", name=op.f('ck_reach_devices_platform')),
    sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_reach_devices_person_id')),
    sa.PrimaryKeyConstraint('person_id', 'device_id', name=op.f('pk_reach_devices')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_reach_devices_token_hash'))
    )
    op.create_table('reach_contacts',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('medium', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=True),
    sa.Column('code', sa.LargeBinary(), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked', sa.SmallInteger(), server_default=sa.text('1'), nullable=False),
    sa.Column('tries', sa.SmallInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("medium IN ('sms', 'email')", name=op.f('ck_reach_contacts_medium')),
    sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_reach_contacts_person_id')),
    sa.PrimaryKeyConstraint('person_id', 'medium', name=op.f('pk_reach_contacts'))
    )
    op.create_table('sending_deliveries',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('notice_id', sa.Uuid(), nullable=True),
    sa.Column('digest_on', sa.Date(), nullable=True),
    sa.Column('code_asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state', sa.Text(), server_default='due', nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tries', sa.SmallInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('why', sa.Text(), server_default='', nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('digest_id', sa.Uuid(), nullable=True),
    sa.Column('pushed_on', sa.Date(), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state IN ('due', 'sending')) = (next_try_at IS NOT NULL)", name=op.f('ck_sending_deliveries_next_try_at')),
    sa.CheckConstraint("state IN ('due', 'sending', 'sent', 'held', 'dropped', 'failed')", name=op.f('ck_sending_deliveries_state')),
    sa.CheckConstraint('num_nonnulls(notice_id, digest_on, code_asked_at) = 1', name=op.f('ck_sending_deliveries_of_what')),
    sa.ForeignKeyConstraint(['notice_id'], ['notifications_notices.id'], name=op.f('fk_sending_deliveries_notice_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_sending_deliveries_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sending_deliveries')),
    sa.UniqueConstraint('notice_id', 'channel', name=op.f('uq_sending_deliveries_notice_id_channel')),
    sa.UniqueConstraint('person_id', 'channel', 'code_asked_at', name=op.f('uq_sending_deliveries_person_id_channel_code_asked_at')),
    sa.UniqueConstraint('person_id', 'channel', 'digest_on', name=op.f('uq_sending_deliveries_person_id_channel_digest_on'))
    )
    op.create_index('ix_sending_deliveries_digest', 'sending_deliveries', ['digest_id'], unique=False, postgresql_where=sa.text('digest_id IS NOT NULL'))
    op.create_index('ix_sending_deliveries_due', 'sending_deliveries', ['next_try_at'], unique=False, postgresql_where=sa.text('next_try_at IS NOT NULL'))
    op.create_index('ix_sending_deliveries_held', 'sending_deliveries', ['person_id', 'channel'], unique=False, postgresql_where=sa.text("state = 'held'"))
    op.create_index('ix_sending_deliveries_made', 'sending_deliveries', ['made_at'], unique=False)
    op.create_index('ix_sending_deliveries_pushed', 'sending_deliveries', ['person_id', 'channel', 'pushed_on'], unique=False, postgresql_where=sa.text('pushed_on IS NOT NULL'))
    op.create_table('sending_sandbox',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_sending_sandbox_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sending_sandbox'))
    )
    op.create_index('ix_sending_sandbox_person', 'sending_sandbox', ['person_id', 'at'], unique=False)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
