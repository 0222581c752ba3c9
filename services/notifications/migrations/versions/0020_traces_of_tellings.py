"""The trace of the fact that holders of a permission are to be told of, so that telling goes on with it."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the column; what waits already is told in traces of its own."""
    op.execute("ALTER TABLE rule_tellings ADD COLUMN traceparent text")
