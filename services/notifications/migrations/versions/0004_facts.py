"""The facts of the feed, and the webhooks that deliver them."""

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0004"
down_revision = "0003"

# Positions are handed out by updating a tenant's row in `fact_positions` in the transaction that
# stores the facts: whoever comes next waits for its commit, so positions are in commit order and
# a reader that has seen one has seen all before it.
_FEED = """
CREATE TABLE fact_positions (
    tenant_id uuid PRIMARY KEY,
    position bigint NOT NULL,
    pruned_to bigint NOT NULL,
    stored_at timestamptz NOT NULL
);
CREATE TABLE feed_facts (
    tenant_id uuid NOT NULL,
    position bigint NOT NULL,
    id uuid NOT NULL,
    type text COLLATE "C" NOT NULL,
    aggregate_id uuid NOT NULL,
    aggregate_version bigint NOT NULL,
    actor text NOT NULL,
    traceparent text,
    occurred_at timestamptz NOT NULL,
    stored_at timestamptz NOT NULL,
    data json NOT NULL,
    PRIMARY KEY (tenant_id, position)
);
CREATE INDEX feed_facts_stored ON feed_facts (tenant_id, stored_at, position);
"""

# An authority is in whose name facts are delivered to an endpoint, and what that one may read: it is
# kept up with what identity says, since it is looked at again with every delivery.
#
# A delivery is known by the id of what it delivers, which is also its `webhook-id`. While it waits,
# `due_at` says when its next attempt may begin; an attempt under way moves it ahead, so that another
# worker takes over when the first has died. `line` is set for endpoints that want facts in order.
_WEBHOOKS = """
CREATE TABLE webhook_endpoints (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    url text NOT NULL,
    description text NOT NULL,
    types json NOT NULL,
    ordered boolean NOT NULL,
    state text NOT NULL,
    disabled_reason text,
    disabled_at timestamptz,
    secrets json NOT NULL,
    owner_user_id uuid,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE TABLE webhook_authorities (
    tenant_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    user_id uuid,
    client_id text,
    scopes json NOT NULL,
    role_ids json,
    roles_version bigint NOT NULL,
    roles_wanted bigint NOT NULL,
    client_scopes json,
    client_version bigint NOT NULL,
    PRIMARY KEY (tenant_id, endpoint_id)
);
CREATE INDEX webhook_authorities_user ON webhook_authorities (tenant_id, user_id);
CREATE INDEX webhook_authorities_client ON webhook_authorities (tenant_id, client_id);
CREATE TABLE webhook_health (
    tenant_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    failing_since timestamptz,
    paused_until timestamptz,
    PRIMARY KEY (tenant_id, endpoint_id)
);
CREATE TABLE webhook_deliveries (
    tenant_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    id uuid NOT NULL,
    position bigint,
    type text COLLATE "C" NOT NULL,
    line uuid,
    state text NOT NULL,
    reason text,
    attempts integer NOT NULL,
    tries integer NOT NULL,
    due_at timestamptz NOT NULL,
    claim uuid,
    content json,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    last_status integer,
    PRIMARY KEY (tenant_id, endpoint_id, id)
);
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (tenant_id, endpoint_id, due_at, id)
    WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_lines
    ON webhook_deliveries (tenant_id, endpoint_id, line, position)
    WHERE state = 'waiting' AND line IS NOT NULL;
CREATE INDEX webhook_deliveries_failed ON webhook_deliveries (tenant_id, endpoint_id, id)
    WHERE state = 'failed';
CREATE INDEX webhook_deliveries_age ON webhook_deliveries USING brin (created_at);
CREATE TABLE webhook_attempts (
    tenant_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    delivery_id uuid NOT NULL,
    number integer NOT NULL,
    at timestamptz NOT NULL,
    duration_ms integer NOT NULL,
    status integer,
    headers json NOT NULL,
    body text NOT NULL,
    error text,
    PRIMARY KEY (tenant_id, endpoint_id, delivery_id, number)
);
CREATE INDEX webhook_attempts_age ON webhook_attempts USING brin (at);
"""


def upgrade() -> None:
    """Create the tables of the feed and of webhooks."""
    op.execute(_FEED)
    protect("fact_positions", may="SELECT, INSERT, UPDATE")
    open_to_system("fact_positions", may="SELECT, UPDATE")
    protect("feed_facts", may="SELECT, INSERT")
    open_to_system("feed_facts", may="SELECT, DELETE")
    # Streams look at the rights of all their readers in one statement.
    open_to_system("access_revisions", may="SELECT")
    op.execute(_WEBHOOKS)
    protect("webhook_endpoints")
    open_to_system("webhook_endpoints", may="SELECT")
    protect("webhook_authorities")
    protect("webhook_health")
    open_to_system("webhook_health", may="SELECT")
    protect("webhook_deliveries", may="SELECT, INSERT, UPDATE")
    open_to_system("webhook_deliveries", may="SELECT, UPDATE, DELETE")
    protect("webhook_attempts", may="SELECT, INSERT")
    open_to_system("webhook_attempts", may="SELECT, DELETE")
