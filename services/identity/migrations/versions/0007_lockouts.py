"""Waits after failed sign-ins, for whoever can name the key of one: administrators see and lift them."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

# The table is the platform's: the runtime login, which serves one tenant at a time, has no way to
# look around in it. What it asks for it has to name by a key, which only the service can make.
_FUNCTIONS = """
CREATE FUNCTION sign_in_waits(asked bytea[], now_at timestamptz)
    RETURNS TABLE (key bytea, level double precision, at timestamptz, wait_until timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT known.key, known.level, known.at, known.wait_until FROM sign_in_failures AS known
        WHERE known.key = ANY (asked) AND known.wait_until > now_at
$$;
CREATE FUNCTION lift_sign_in_wait(asked bytea, now_at timestamptz) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH lifted AS (
        DELETE FROM sign_in_failures WHERE key = asked AND wait_until > now_at RETURNING 1
    )
    SELECT EXISTS (SELECT FROM lifted)
$$;
"""


def upgrade() -> None:
    """Create the two functions, for the runtime login and no other."""
    op.execute(_FUNCTIONS)
    for function in (
        "sign_in_waits(bytea[], timestamptz)",
        "lift_sign_in_wait(bytea, timestamptz)",
    ):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f'GRANT EXECUTE ON FUNCTION {function} TO "identity_runtime"')
