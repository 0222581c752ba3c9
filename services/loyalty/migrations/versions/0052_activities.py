"""Events, who comes to them, and who was asked whether their contact details are right."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0052"
down_revision = "0051"

_TABLES = """
CREATE TABLE activities (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    program_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    terms json NOT NULL,
    secret text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX activities_in_time ON activities (tenant_id, starts_at, id);
CREATE TABLE registrations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    activity_id uuid NOT NULL,
    program_id uuid NOT NULL,
    member_id uuid NOT NULL,
    person_id uuid,
    state text COLLATE "C" NOT NULL,
    ticket text COLLATE "C" NOT NULL,
    registered_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    checked_in_at timestamptz,
    checked_in_by text COLLATE "C" NOT NULL,
    attended_at timestamptz,
    cancel_reason text COLLATE "C",
    points bigint NOT NULL,
    coupon_id uuid,
    recognition_id uuid,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT registrations_ticket_unique UNIQUE (tenant_id, ticket),
    FOREIGN KEY (tenant_id, activity_id) REFERENCES activities
);
CREATE UNIQUE INDEX registrations_once ON registrations (tenant_id, activity_id, member_id)
    WHERE state <> 'cancelled';
CREATE INDEX registrations_in_time ON registrations (tenant_id, registered_at, id);
CREATE INDEX registrations_of_activity
    ON registrations (tenant_id, activity_id, state, registered_at, id);
CREATE INDEX registrations_of_person ON registrations (tenant_id, person_id);
CREATE INDEX registrations_of_member ON registrations (tenant_id, member_id);
CREATE TABLE contact_refreshes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    person_id uuid NOT NULL,
    member_id uuid NOT NULL,
    program_id uuid NOT NULL,
    activity_id uuid NOT NULL,
    asked_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX contact_refreshes_of_person ON contact_refreshes (tenant_id, person_id, asked_at);
"""


def upgrade() -> None:
    """Create the tables of events."""
    op.execute(_TABLES)
    for table in ("activities", "registrations", "contact_refreshes"):
        protect(table)
