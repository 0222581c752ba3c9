"""What customers are asked about their satisfaction, and what they have said."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0070"
down_revision = "0021"

_SURVEYS = """
CREATE TABLE surveys (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    position integer NOT NULL,
    condition text COLLATE "C" NOT NULL,
    question json NOT NULL,
    delay_minutes integer NOT NULL,
    rest_days integer NOT NULL,
    every_months integer NOT NULL,
    active_months integer NOT NULL,
    expires_days integer NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    follow_up json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX surveys_tried ON surveys (tenant_id, kind, position, id);
"""
_REQUESTS = """
CREATE TABLE survey_requests (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    survey_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    ticket_id uuid,
    round integer NOT NULL,
    queue_id uuid,
    team_id uuid,
    assignee_id uuid,
    product_sku text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    person_id uuid,
    address text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    planned_at timestamptz NOT NULL,
    send_at timestamptz NOT NULL,
    sent_at timestamptz,
    expires_at timestamptz,
    answered_at timestamptz,
    corrected_at timestamptz,
    score integer,
    comment text COLLATE "C" NOT NULL,
    follow_up_ticket_id uuid,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT survey_requests_once UNIQUE (tenant_id, ticket_id, survey_id, round),
    FOREIGN KEY (tenant_id, survey_id) REFERENCES surveys
);
CREATE INDEX survey_requests_of_survey ON survey_requests (tenant_id, survey_id);
CREATE INDEX survey_requests_sent ON survey_requests (tenant_id, kind, sent_at, id);
CREATE INDEX survey_requests_planned ON survey_requests (tenant_id, planned_at, id);
CREATE INDEX survey_requests_of_person
    ON survey_requests (tenant_id, person_id, kind, sent_at);
CREATE INDEX survey_requests_of_address
    ON survey_requests (tenant_id, address, kind, sent_at);
CREATE INDEX survey_requests_followed_up
    ON survey_requests (tenant_id, follow_up_ticket_id);
"""


def upgrade() -> None:
    """Create the tables of surveys."""
    for statements in (_SURVEYS, _REQUESTS):
        op.execute(statements)
    for table in ("surveys", "survey_requests"):
        protect(table)
