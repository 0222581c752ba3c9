"""Tenants, users, teams, roles and clients."""

from __future__ import annotations

from alembic import op

from chassis.storage.ddl import create_chassis_tables, open_to_system, protect

revision = "0001"
down_revision = None

_TENANTS = """
CREATE TABLE tenants (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    slug text COLLATE "C" NOT NULL,
    locale text NOT NULL,
    time_zone text NOT NULL,
    country text NOT NULL,
    status text COLLATE "C" NOT NULL,
    policy jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT tenants_pkey PRIMARY KEY (tenant_id),
    CONSTRAINT tenants_own_id CHECK (id = tenant_id),
    CONSTRAINT tenants_slug_unique UNIQUE (slug)
);
"""

_ROLES = """
CREATE TABLE roles (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    key text COLLATE "C",
    name text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    grants jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT roles_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT roles_name_unique UNIQUE (tenant_id, name_key),
    CONSTRAINT roles_key_unique UNIQUE (tenant_id, key)
);
"""

_USERS = """
CREATE TABLE users (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    email text COLLATE "C" NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    locale text NOT NULL,
    time_zone text NOT NULL,
    status text COLLATE "C" NOT NULL,
    email_verified_at timestamptz,
    invitation_hash bytea,
    invitation_expires_at timestamptz,
    access_revoked_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT users_email_unique UNIQUE (tenant_id, email_key),
    CONSTRAINT users_invitation_whole
        CHECK ((invitation_hash IS NULL) = (invitation_expires_at IS NULL))
);
-- Sign-in begins with an address and no tenant.
CREATE INDEX users_email ON users (email_key);
CREATE INDEX users_revoked ON users (tenant_id, access_revoked_at)
    WHERE access_revoked_at IS NOT NULL;
CREATE TABLE user_roles (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role_id uuid NOT NULL,
    CONSTRAINT user_roles_pkey PRIMARY KEY (tenant_id, user_id, role_id),
    CONSTRAINT user_roles_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id),
    CONSTRAINT user_roles_role FOREIGN KEY (tenant_id, role_id) REFERENCES roles (tenant_id, id)
);
CREATE INDEX user_roles_by_role ON user_roles (tenant_id, role_id);
"""

_TEAMS = """
CREATE TABLE teams (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    parent_team_id uuid,
    manager_id uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT teams_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT teams_parent FOREIGN KEY (tenant_id, parent_team_id) REFERENCES teams (tenant_id, id),
    CONSTRAINT teams_manager FOREIGN KEY (tenant_id, manager_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX teams_by_parent ON teams (tenant_id, parent_team_id);
CREATE INDEX teams_by_manager ON teams (tenant_id, manager_id);
CREATE TABLE team_members (
    tenant_id uuid NOT NULL,
    team_id uuid NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT team_members_pkey PRIMARY KEY (tenant_id, team_id, user_id),
    CONSTRAINT team_members_team FOREIGN KEY (tenant_id, team_id) REFERENCES teams (tenant_id, id),
    CONSTRAINT team_members_user FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX team_members_by_user ON team_members (tenant_id, user_id);
"""

_CLIENTS = """
CREATE TABLE clients (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    grant_types text[] NOT NULL,
    redirect_uris text[] NOT NULL,
    scopes text[] NOT NULL,
    access_revoked_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT clients_pkey PRIMARY KEY (tenant_id, id)
);
-- A token request names a client and no tenant.
CREATE UNIQUE INDEX clients_id ON clients (id);
CREATE INDEX clients_revoked ON clients (tenant_id, access_revoked_at)
    WHERE access_revoked_at IS NOT NULL;
CREATE TABLE client_secrets (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    client_id uuid NOT NULL,
    hash bytea NOT NULL,
    hint text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT client_secrets_pkey PRIMARY KEY (tenant_id, client_id, id),
    CONSTRAINT client_secrets_client
        FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
);
"""


def upgrade() -> None:
    """Create the tables, and say which login may do what."""
    create_chassis_tables()
    for statements in (_TENANTS, _ROLES, _USERS, _TEAMS, _CLIENTS):
        op.execute(statements)
    protect("tenants", may="SELECT, INSERT, UPDATE")
    protect("users", may="SELECT, INSERT, UPDATE")
    for table in ("roles", "user_roles", "teams", "team_members", "client_secrets"):
        protect(table)
    protect("clients", may="SELECT, INSERT, UPDATE")
    # Before the tenant is known: operators' lists, and what leads from an address or a client id
    # to its tenant. All else is done in that tenant's own transaction.
    open_to_system("tenants", may="SELECT")
    open_to_system("users", may="SELECT (tenant_id, id, email_key, status)")
    open_to_system("clients", may="SELECT (tenant_id, id, status)")
