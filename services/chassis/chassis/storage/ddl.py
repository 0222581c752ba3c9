"""What migrations say: the chassis' own tables, and row-level security for a service's tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chassis.context import PLATFORM

_OWN_TENANT = "tenant_id = nullif(current_setting('app.tenant', true), '')::uuid"


def _service() -> str:
    """The service whose database this is: migrations run as its owner login."""
    owner = str(op.get_bind().execute(sa.text("SELECT current_user")).scalar_one())
    if not owner.endswith("_owner"):
        raise RuntimeError(f"migrations run as the login <service>_owner, not as {owner}")
    return owner.removesuffix("_owner")


def protect(table: str, *, may: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """Let the runtime login use a table with `tenant_id`, one tenant at a time."""
    runtime = f"{_service()}_runtime"
    op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    op.execute(
        f'CREATE POLICY "{table}_tenant" ON "{table}" TO "{runtime}" '
        f"USING ({_OWN_TENANT}) WITH CHECK ({_OWN_TENANT})"
    )
    op.execute(f'GRANT {may} ON "{table}" TO "{runtime}"')


def open_to_system(table: str, *, may: str) -> None:
    """Let the system login use a protected table across tenants."""
    system = f"{_service()}_system"
    op.execute(f'CREATE POLICY "{table}_system" ON "{table}" TO "{system}" USING (true)')
    op.execute(f'GRANT {may} ON "{table}" TO "{system}"')


def give_to_system(table: str, *, may: str) -> None:
    """Let the system login, and no other, use a table that is the platform's and no tenant's."""
    op.execute(f'GRANT {may} ON "{table}" TO "{_service()}_system"')


_CHASSIS_TABLES_1 = """
CREATE TABLE outbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    lane smallint NOT NULL,
    type text NOT NULL,
    aggregate_id uuid NOT NULL,
    aggregate_version bigint NOT NULL,
    payload bytea NOT NULL,
    actor text NOT NULL,
    traceparent text,
    occurred_at timestamptz NOT NULL,
    published_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    last_error text
);
CREATE INDEX outbox_unpublished ON outbox (lane, seq) WHERE published_at IS NULL;
CREATE TABLE inbox (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_age ON inbox (received_at);
CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL,
    scope_hash bytea NOT NULL,
    body_hash bytea NOT NULL,
    status smallint NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, scope_hash)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
CREATE TABLE timers (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    due_at timestamptz NOT NULL,
    data jsonb NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    PRIMARY KEY (tenant_id, kind, key)
);
CREATE INDEX timers_due ON timers (due_at);
CREATE TABLE jobs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    created_by text NOT NULL,
    arguments jsonb NOT NULL,
    progress jsonb NOT NULL,
    result jsonb,
    error jsonb,
    cancel_requested boolean NOT NULL DEFAULT false,
    attempts integer NOT NULL DEFAULT 0,
    lease_until timestamptz,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX jobs_open ON jobs (created_at) WHERE finished_at IS NULL;
CREATE TABLE access_entries (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    version bigint NOT NULL,
    removed boolean NOT NULL,
    data jsonb NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, kind, key)
);
CREATE TABLE access_revisions (
    tenant_id uuid PRIMARY KEY,
    revision bigint NOT NULL
);
"""


_ORIGINS = """
ALTER TABLE outbox
    ADD COLUMN IF NOT EXISTS client_id text,
    ADD COLUMN IF NOT EXISTS session_id uuid,
    ADD COLUMN IF NOT EXISTS address text,
    ADD COLUMN IF NOT EXISTS cause uuid;
"""


def keep_origins() -> None:
    """Have the outbox of a service that is older than this keep from where each fact comes."""
    op.execute(_ORIGINS)


def let_facts_be_blanked() -> None:
    """Let the runtime login empty what is personal in kept facts when somebody is erased."""
    op.execute(f'GRANT UPDATE (payload) ON outbox TO "{_service()}_runtime"')


def let_system_add_facts_of_no_tenant() -> None:
    """Let the system login tell of what is the platform's, and of no tenant's affairs."""
    system = f"{_service()}_system"
    # Restrictive: the policy that lets it read all tenants' facts would let it add to them, too.
    op.execute(
        f'CREATE POLICY outbox_of_no_tenant ON outbox AS RESTRICTIVE FOR INSERT TO "{system}" '
        f"WITH CHECK (tenant_id = '{PLATFORM}')"
    )
    op.execute(f'GRANT INSERT ON outbox TO "{system}"')


_FOLLOWING_TABLES = """
CREATE TABLE {noun}_merges (
    tenant_id uuid NOT NULL,
    merge_id uuid NOT NULL,
    {noun}_id uuid NOT NULL,
    merged_{noun}_id uuid NOT NULL,
    undone boolean NOT NULL,
    PRIMARY KEY (tenant_id, merge_id)
);
CREATE INDEX {noun}_merges_gone ON {noun}_merges (tenant_id, merged_{noun}_id);
CREATE TABLE moved_records (
    tenant_id uuid NOT NULL,
    merge_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    record_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, merge_id, kind, record_id)
);
"""


def create_following_tables(noun: str) -> None:
    """What a service needs whose tables name records of another, such as a `user`, and follow them.

    See `storage.following`.
    """
    op.execute(_FOLLOWING_TABLES.format(noun=noun))
    protect(f"{noun}_merges")
    protect("moved_records")


def create_chassis_tables() -> None:
    """Outbox, inbox, idempotency keys, timers, jobs and the access projection."""
    op.execute(_CHASSIS_TABLES_1)
    keep_origins()
    # The runtime adds facts; only the system login, which runs the relay, changes them. A service
    # that erases people may empty what they hold besides: `let_facts_be_blanked`.
    protect("outbox", may="SELECT, INSERT")
    open_to_system("outbox", may="SELECT, UPDATE, DELETE")
    protect("inbox", may="SELECT, INSERT")
    open_to_system("inbox", may="SELECT, DELETE")
    protect("idempotency_keys", may="SELECT, INSERT, UPDATE, DELETE")
    open_to_system("idempotency_keys", may="SELECT, DELETE")
    protect("timers")
    open_to_system("timers", may="SELECT, UPDATE")
    protect("jobs")
    open_to_system("jobs", may="SELECT, UPDATE, DELETE")
    protect("access_entries")
    open_to_system("access_entries", may="SELECT, DELETE")
    protect("access_revisions")
