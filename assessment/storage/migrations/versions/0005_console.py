"""What staff do with an assessment, who belongs to one company, counts by the week, and PDFs made in bulk."""

import json
import re
import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'

MOMENT = sa.DateTime(timezone=True)
FILTERED = ('band', 'criticals', 'staff', 'came_from', 'lead_id')
KEYS = {
    'newest': ('tenant_id', 'test', 'submitted_at', 'id'),
    'lowest': ('tenant_id', 'test', 'score', 'id', 'submitted_at'),
    'grade': ('tenant_id', 'test', 'rank', 'id', 'submitted_at'),
}
FORMS = {'ltd', 'limited', 'llp', 'llc', 'inc', 'plc', 'gmbh', 'co', 'company', 'corp', 'corporation', 'pty', 'the', 'and'}
PUBLIC = {
    'aol.com', 'btinternet.com', 'fastmail.com', 'gmail.com', 'gmx.com', 'gmx.de', 'gmx.net', 'googlemail.com',
    'hotmail.co.uk', 'hotmail.com', 'icloud.com', 'live.co.uk', 'live.com', 'mac.com', 'mail.com', 'me.com', 'msn.com',
    'outlook.com', 'pm.me', 'proton.me', 'protonmail.com', 'sky.com', 'talktalk.net', 'virginmedia.com', 'web.de',
    'yahoo.co.uk', 'yahoo.com', 'ymail.com', 'zoho.com',
}
CHUNK = 500


def upgrade() -> None:
    _work()
    _companies(op.get_bind())
    _counts()
    _bulk()
    op.execute("ALTER TABLE invitation ADD COLUMN by_id INTEGER")


def _work() -> None:
    for column in (
        "status VARCHAR(12) NOT NULL DEFAULT 'new'",
        "assignee_id INTEGER",
        "led_by_id INTEGER",
        "left_at VARCHAR(121) NOT NULL DEFAULT ''",
    ):
        op.execute(f"ALTER TABLE assessment ADD COLUMN {column}")
    for name, keys in KEYS.items():
        op.drop_index(f'ix_assessment_{name}', 'assessment')
        op.create_index(f'ix_assessment_{name}', 'assessment', [*keys, *FILTERED, 'status', 'assignee_id'])
    unfinished = sa.text('submitted_at IS NULL')
    op.create_index('ix_assessment_open', 'assessment', ['created_at', 'left_at'], sqlite_where=unfinished, postgresql_where=unfinished)
    version = ['tenant_id', 'test', 'questionnaire_id', 'questionnaire_version', 'submitted_at']
    op.create_index('ix_assessment_version', 'assessment', version)
    op.create_table('note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assessment_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('at', MOMENT, nullable=False),
    sa.Column('says', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_note_assessment_id_assessment'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_note'))
    )
    op.create_index('ix_note_assessment_id', 'note', ['assessment_id'])
    op.create_table('review',
    sa.Column('assessment_id', sa.Integer(), nullable=False),
    sa.Column('question', sa.String(length=121), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('value', sa.Text(), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('at', MOMENT, nullable=False),
    sa.Column('says', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_review_assessment_id_assessment'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('assessment_id', 'question', name=op.f('pk_review'))
    )


    op.create_index('ix_audit_tenant_id_object', 'audit', ['tenant_id', 'object'])


def _companies(connection: sa.Connection) -> None:
    op.execute("ALTER TABLE lead ADD COLUMN company VARCHAR(160) NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE lead ADD COLUMN domain VARCHAR(254) NOT NULL DEFAULT ''")
    last = 0
    while rows := connection.execute(
        sa.text(f"SELECT id, contact FROM lead WHERE id > :last ORDER BY id LIMIT {CHUNK}"), {"last": last}
    ).all():
        for row in rows:
            connection.execute(
                sa.text("UPDATE lead SET company = :company, domain = :domain WHERE id = :id"),
                {"id": row.id, **_belongs(json.loads(row.contact))},
            )
        last = rows[-1].id
    op.create_index('ix_lead_tenant_id_company', 'lead', ['tenant_id', 'company'])
    op.create_index('ix_lead_tenant_id_domain', 'lead', ['tenant_id', 'domain'])
    op.create_index('ix_lead_search', 'lead', ['tenant_id', 'test', 'search', 'id'])


def _belongs(contact: dict[str, Any]) -> dict[str, str]:
    name = unicodedata.normalize('NFKC', contact.get('company', '')).casefold()
    words = [word for word in re.findall(r'\w+', name) if word not in FORMS]
    domain = contact.get('email', '').rpartition('@')[2].lower()
    return {'company': ' '.join(words)[:160], 'domain': '' if domain in PUBLIC else domain[:254]}


def _counts() -> None:
    op.create_table('tally',
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('test', sa.Boolean(), nullable=False),
    sa.Column('week', sa.Date(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('part', sa.String(length=60), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenant.id'], name=op.f('fk_tally_tenant_id_tenant'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('tenant_id', 'test', 'week', 'kind', 'name', 'part', name=op.f('pk_tally'))
    )


def _bulk() -> None:
    op.create_table('bulk',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(length=20), nullable=False),
    sa.Column('tenant_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('asked', sa.Text(), nullable=False),
    sa.Column('documents', sa.String(length=30), nullable=False),
    sa.Column('wanted', sa.Text(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('says', sa.Text(), nullable=False),
    sa.Column('created_at', MOMENT, nullable=False),
    sa.Column('leased_until', MOMENT, nullable=True),
    sa.Column('lease', sa.String(length=40), nullable=True),
    sa.Column('settled_at', MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['tenant_id'], ['tenant.id'], name=op.f('fk_bulk_tenant_id_tenant'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bulk')),
    sa.UniqueConstraint('reference', name=op.f('uq_bulk_reference'))
    )
    op.create_index('ix_bulk_tenant_id', 'bulk', ['tenant_id'])
    op.create_table('bulk_part',
    sa.Column('bulk_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('assessment_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['bulk_id'], ['bulk.id'], name=op.f('fk_bulk_part_bulk_id_bulk'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_bulk_part_assessment_id_assessment'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('bulk_id', 'number', name=op.f('pk_bulk_part'))
    )
    op.create_index('ix_bulk_part_assessment_id', 'bulk_part', ['assessment_id'])
