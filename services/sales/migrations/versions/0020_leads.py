"""Leads with their touches and the words they are found by, web forms, and what they hold back."""

from alembic import op

from chassis.storage.ddl import open_to_system, protect

revision = "0020"
down_revision = "0003"

_LEADS = """
CREATE TABLE leads (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    state text COLLATE "C" NOT NULL,
    given_name text COLLATE "C" NOT NULL,
    family_name text COLLATE "C" NOT NULL,
    email text COLLATE "C" NOT NULL,
    phone text COLLATE "C" NOT NULL,
    company_name text COLLATE "C" NOT NULL,
    job_title text COLLATE "C" NOT NULL,
    industry text COLLATE "C" NOT NULL,
    company_size integer,
    country text COLLATE "C" NOT NULL,
    postal_code text COLLATE "C" NOT NULL,
    language text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    person_id uuid,
    company_id uuid,
    owner_id uuid,
    source text COLLATE "C" NOT NULL,
    campaign text COLLATE "C" NOT NULL,
    landing_page text COLLATE "C" NOT NULL,
    variant text COLLATE "C" NOT NULL,
    external_ids json NOT NULL,
    consents json NOT NULL,
    touches integer NOT NULL,
    first_touch_at timestamptz NOT NULL,
    last_touch_at timestamptz NOT NULL,
    captured_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX leads_captured ON leads (tenant_id, captured_at, id);
CREATE INDEX leads_owned ON leads (tenant_id, owner_id, captured_at, id);
CREATE INDEX leads_with_email ON leads (tenant_id, email, captured_at);
CREATE INDEX leads_of_person ON leads (tenant_id, person_id);
CREATE INDEX leads_of_source ON leads (tenant_id, source, campaign, captured_at);
CREATE INDEX leads_touched ON leads (tenant_id, state, last_touch_at, id);
CREATE TABLE lead_external_ids (
    tenant_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    system text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    CONSTRAINT lead_external_ids_unique PRIMARY KEY (tenant_id, system, id),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads
);
CREATE INDEX lead_external_ids_of_lead ON lead_external_ids (tenant_id, lead_id);
CREATE TABLE lead_touches (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    lead_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    campaign text COLLATE "C" NOT NULL,
    landing_page text COLLATE "C" NOT NULL,
    variant text COLLATE "C" NOT NULL,
    web_form_id uuid,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads
);
CREATE INDEX lead_touches_of_lead ON lead_touches (tenant_id, lead_id, at, id);
CREATE TABLE lead_terms (
    tenant_id uuid NOT NULL,
    term text COLLATE "C" NOT NULL,
    lead_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, term, lead_id),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads
);
CREATE INDEX lead_terms_of_lead ON lead_terms (tenant_id, lead_id);
"""
_WEB_FORMS = """
CREATE TABLE web_forms (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    definition json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX web_forms_found ON web_forms (id);
CREATE INDEX web_forms_created ON web_forms (tenant_id, created_at, id);
CREATE TABLE form_submissions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    web_form_id uuid NOT NULL,
    state text COLLATE "C" NOT NULL,
    reasons json NOT NULL,
    answers json NOT NULL,
    variant text NOT NULL,
    received_at timestamptz NOT NULL,
    reviewed_at timestamptz,
    reviewed_by text,
    lead_id uuid,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, web_form_id) REFERENCES web_forms
);
CREATE INDEX form_submissions_received ON form_submissions (tenant_id, received_at, id);
CREATE INDEX form_submissions_waiting ON form_submissions (tenant_id, web_form_id, state);
CREATE TABLE used_form_tickets (
    tenant_id uuid NOT NULL,
    ticket text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, ticket)
);
"""


def upgrade() -> None:
    """Create the tables of leads and of the forms that they come by."""
    op.execute(_LEADS)
    op.execute(_WEB_FORMS)
    for table in (
        "leads",
        "lead_external_ids",
        "lead_touches",
        "lead_terms",
        "web_forms",
        "form_submissions",
        "used_form_tickets",
    ):
        protect(table)
    # Whoever submits a form has no token: whose it is, is looked up by the form's id alone.
    open_to_system("web_forms", may="SELECT (tenant_id, id)")
