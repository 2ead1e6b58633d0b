"""What was said last time beside a new assessment, and what somebody else suggests for open questions."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("ALTER TABLE link ADD COLUMN named VARCHAR(80) NOT NULL DEFAULT ''")
    op.create_table('carried',
    sa.Column('assessment_id', sa.Integer(), nullable=False),
    sa.Column('question', sa.String(length=121), nullable=False),
    sa.Column('value', sa.Text(), nullable=True),
    sa.Column('says', sa.Text(), nullable=False),
    sa.Column('said_at', MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_carried_assessment_id_assessment'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('assessment_id', 'question', name=op.f('pk_carried'))
    )
    op.create_table('suggestion',
    sa.Column('assessment_id', sa.Integer(), nullable=False),
    sa.Column('question', sa.String(length=121), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('value', sa.Text(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('at', MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_suggestion_assessment_id_assessment'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('assessment_id', 'question', name=op.f('pk_suggestion'))
    )
