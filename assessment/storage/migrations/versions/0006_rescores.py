"""Which assessment another one scores again; such a one is in no list and no count, so indexes know of it."""

from alembic import op

revision = '0006'
down_revision = '0005'

FILTERED = ('band', 'criticals', 'staff', 'came_from', 'lead_id', 'status', 'assignee_id', 'rescores_id')
KEYS = {
    'newest': ('tenant_id', 'test', 'submitted_at', 'id', *FILTERED),
    'lowest': ('tenant_id', 'test', 'score', 'id', 'submitted_at', *FILTERED),
    'grade': ('tenant_id', 'test', 'rank', 'id', 'submitted_at', *FILTERED),
    'version': ('tenant_id', 'test', 'questionnaire_id', 'questionnaire_version', 'submitted_at', 'rescores_id'),
}


def upgrade() -> None:
    op.execute(
        "ALTER TABLE assessment ADD COLUMN rescores_id INTEGER "
        "CONSTRAINT fk_assessment_rescores_id_assessment REFERENCES assessment (id) ON DELETE CASCADE"
    )
    op.create_index('ix_assessment_rescores_id', 'assessment', ['rescores_id'])
    for name, columns in KEYS.items():
        op.drop_index(f'ix_assessment_{name}', 'assessment')
        op.create_index(f'ix_assessment_{name}', 'assessment', list(columns))
