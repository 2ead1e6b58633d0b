"""Tenant profiles, leads with consents, endpoints, the outbox, and rate-limit buckets."""

import json
import secrets

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    connection = op.get_bind()
    _profiles(connection)
    _new_tables()
    _assessments(connection)
    op.execute("ALTER TABLE link ADD COLUMN gated BOOLEAN NOT NULL DEFAULT FALSE")
    op.execute("ALTER TABLE link ADD COLUMN number INTEGER NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE link ADD COLUMN of_id INTEGER")
    op.execute("ALTER TABLE link ADD COLUMN mailed_to VARCHAR(20)")


def _profiles(connection: sa.Connection) -> None:
    """What stood in columns becomes one profile. Columns are added and dropped in place: no table is copied."""
    op.execute("ALTER TABLE tenant ADD COLUMN profile_json TEXT NOT NULL DEFAULT '{}'")
    op.execute("ALTER TABLE tenant ADD COLUMN logo_name VARCHAR(64)")
    for row in connection.execute(sa.text("SELECT id, name, contact, link, currency FROM tenant")).all():
        profile = {"name": row.name, "contact": row.contact, "link": row.link, "currency": row.currency}
        connection.execute(
            sa.text("UPDATE tenant SET profile_json = :profile WHERE id = :id"),
            {"profile": json.dumps(profile), "id": row.id},
        )
    for column in ("name", "contact", "link", "currency"):
        op.execute(f"ALTER TABLE tenant DROP COLUMN {column}")


def _new_tables() -> None:
    op.create_table('logo',
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('png', sa.LargeBinary(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenant.id'], name=op.f('fk_logo_tenant_id_tenant'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('tenant_id', name=op.f('pk_logo'))
    )
    op.create_table('lead',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(length=20), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('identity', sa.String(length=300), nullable=True),
    sa.Column('contact', sa.Text(), nullable=False),
    sa.Column('grade', sa.Text(), nullable=False),
    sa.Column('test', sa.Boolean(), nullable=False),
    sa.Column('created_at', MOMENT, nullable=False),
    sa.Column('updated_at', MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenant.id'], name=op.f('fk_lead_tenant_id_tenant')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lead')),
    sa.UniqueConstraint('reference', name=op.f('uq_lead_reference')),
    sa.UniqueConstraint('tenant_id', 'test', 'identity', name=op.f('uq_lead_tenant_id_test_identity'))
    )
    op.create_index('ix_lead_updated_at', 'lead', ['updated_at'])
    op.create_table('consent',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=False),
    sa.Column('assessment_reference', sa.String(length=20), nullable=False),
    sa.Column('purpose', sa.String(length=20), nullable=False),
    sa.Column('says', sa.Text(), nullable=False),
    sa.Column('version', sa.String(length=12), nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('controller', sa.String(length=200), nullable=False),
    sa.Column('given', sa.Boolean(), nullable=False),
    sa.Column('at', MOMENT, nullable=False),
    sa.Column('withdrawn_at', MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_consent_lead_id_lead'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent'))
    )
    op.create_index('ix_consent_lead_id', 'consent', ['lead_id'])
    op.create_table('suppression',
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('address_hash', sa.String(length=64), nullable=False),
    sa.Column('at', MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenant.id'], name=op.f('fk_suppression_tenant_id_tenant'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('tenant_id', 'address_hash', name=op.f('pk_suppression'))
    )
    op.create_table('endpoint',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(length=20), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('secret', sa.Text(), nullable=False),
    sa.Column('old_secret', sa.Text(), nullable=True),
    sa.Column('old_until', MOMENT, nullable=True),
    sa.Column('flat', sa.Boolean(), nullable=False),
    sa.Column('events', sa.Text(), nullable=False),
    sa.Column('created_at', MOMENT, nullable=False),
    sa.Column('failing_since', MOMENT, nullable=True),
    sa.Column('disabled_at', MOMENT, nullable=True),
    sa.Column('disabled_because', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenant.id'], name=op.f('fk_endpoint_tenant_id_tenant'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_endpoint')),
    sa.UniqueConstraint('reference', name=op.f('uq_endpoint_reference'))
    )
    op.create_index('ix_endpoint_tenant_id', 'endpoint', ['tenant_id'])
    _outbox()
    op.create_table('bucket',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('until', MOMENT, nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_bucket'))
    )
    op.create_index('ix_bucket_until', 'bucket', ['until'])


def _outbox() -> None:
    op.create_table('delivery',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.String(length=60), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('lead_id', sa.Integer(), nullable=True),
    sa.Column('assessment_id', sa.Integer(), nullable=True),
    sa.Column('endpoint_id', sa.Integer(), nullable=True),
    sa.Column('channel', sa.String(length=10), nullable=False),
    sa.Column('event', sa.String(length=40), nullable=False),
    sa.Column('payload', sa.Text(), nullable=False),
    sa.Column('address_hash', sa.String(length=64), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_at', MOMENT, nullable=False),
    sa.Column('leased_until', MOMENT, nullable=True),
    sa.Column('lease', sa.String(length=40), nullable=True),
    sa.Column('created_at', MOMENT, nullable=False),
    sa.Column('settled_at', MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenant.id'], name=op.f('fk_delivery_tenant_id_tenant')),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], name=op.f('fk_delivery_lead_id_lead'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_delivery_assessment_id_assessment'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['endpoint_id'], ['endpoint.id'], name=op.f('fk_delivery_endpoint_id_endpoint'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    sa.UniqueConstraint('message_id', name=op.f('uq_delivery_message_id'))
    )
    op.create_index('ix_delivery_state_next_at', 'delivery', ['state', 'next_at'])
    for column in ('lead_id', 'assessment_id', 'endpoint_id', 'address_hash'):
        op.create_index(f'ix_delivery_{column}', 'delivery', [column])
    op.create_table('attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('delivery_id', sa.Integer(), nullable=False),
    sa.Column('at', MOMENT, nullable=False),
    sa.Column('verdict', sa.String(length=10), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('says', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_attempt_delivery_id_delivery'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempt'))
    )
    op.create_index('ix_attempt_delivery_id', 'attempt', ['delivery_id'])


def _assessments(connection: sa.Connection) -> None:
    op.execute("ALTER TABLE assessment ADD COLUMN reference VARCHAR(20) NOT NULL DEFAULT ''")
    op.execute(
        "ALTER TABLE assessment ADD COLUMN lead_id INTEGER "
        "CONSTRAINT fk_assessment_lead_id_lead REFERENCES lead (id)"
    )
    op.execute("ALTER TABLE assessment ADD COLUMN source TEXT NOT NULL DEFAULT '{}'")
    op.execute("ALTER TABLE assessment ADD COLUMN test BOOLEAN NOT NULL DEFAULT FALSE")
    for (row_id,) in connection.execute(sa.text("SELECT id FROM assessment")).all():
        connection.execute(
            sa.text("UPDATE assessment SET reference = :reference WHERE id = :id"),
            {"reference": secrets.token_hex(8), "id": row_id},
        )
    op.create_index('ix_assessment_lead_id', 'assessment', ['lead_id'])
    op.create_index('uq_assessment_reference', 'assessment', ['reference'], unique=True)
