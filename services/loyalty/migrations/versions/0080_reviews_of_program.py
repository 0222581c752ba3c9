"""Finds the review of an act by its program, too: each program of a person looks at the act by itself."""

from alembic import op

revision = "0080"
down_revision = "0072"

_INDEX = """
DROP INDEX velocity_reviews_of_act;
CREATE INDEX velocity_reviews_of_act ON velocity_reviews (tenant_id, program_id, act, key);
"""


def upgrade() -> None:
    """Have the index begin with the program."""
    op.execute(_INDEX)
