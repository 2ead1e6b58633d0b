"""Keys for programs: what each may do, until when, and a hash of it."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('token',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(length=20), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('begins', sa.String(length=10), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('scopes', sa.String(length=60), nullable=False),
    sa.Column('created_at', MOMENT, nullable=False),
    sa.Column('expires_at', MOMENT, nullable=True),
    sa.Column('ended_at', MOMENT, nullable=True),
    sa.Column('last_used', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenant.id'], name=op.f('fk_token_tenant_id_tenant'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_token')),
    sa.UniqueConstraint('reference', name=op.f('uq_token_reference')),
    sa.UniqueConstraint('sha256', name=op.f('uq_token_sha256'))
    )
    op.create_index(op.f('ix_token_tenant_id'), 'token', ['tenant_id'], unique=False)
