"""Companies and the tree that they stand in; who works where, and who is what to whom."""

from alembic import op

from chassis.storage.ddl import protect

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables of companies and relationships."""
    _companies()
    _what_companies_are_found_by()
    _relationships()
    for table in (
        "companies",
        "company_keys",
        "company_external_ids",
        "employments",
        "relations",
    ):
        protect(table)


def _companies() -> None:
    op.execute(
        """
        CREATE TABLE companies (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            version bigint NOT NULL,
            name text COLLATE "C" NOT NULL,
            legal_name text NOT NULL,
            domain text NOT NULL,
            industry text NOT NULL,
            employee_count integer,
            owner_id uuid,
            source text NOT NULL,
            parent_company_id uuid,
            details json NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            archived_at timestamptz,
            PRIMARY KEY (tenant_id, id),
            CONSTRAINT companies_parent FOREIGN KEY (tenant_id, parent_company_id)
                REFERENCES companies (tenant_id, id)
        );
        CREATE INDEX companies_created ON companies (tenant_id, created_at, id);
        CREATE INDEX companies_updated ON companies (tenant_id, updated_at, id);
        CREATE INDEX companies_named ON companies (tenant_id, name, id);
        CREATE INDEX companies_owned ON companies (tenant_id, owner_id, created_at, id);
        CREATE INDEX companies_below ON companies (tenant_id, parent_company_id, created_at, id)
            WHERE parent_company_id IS NOT NULL;
        """
    )


def _what_companies_are_found_by() -> None:
    op.execute(
        """
        CREATE TABLE company_keys (
            tenant_id uuid NOT NULL,
            kind text COLLATE "C" NOT NULL,
            key text COLLATE "C" NOT NULL,
            company_id uuid NOT NULL,
            PRIMARY KEY (tenant_id, kind, key, company_id),
            FOREIGN KEY (tenant_id, company_id) REFERENCES companies (tenant_id, id)
                ON DELETE CASCADE
        );
        CREATE INDEX company_keys_of ON company_keys (tenant_id, company_id);
        CREATE TABLE company_external_ids (
            tenant_id uuid NOT NULL,
            system text COLLATE "C" NOT NULL,
            id text COLLATE "C" NOT NULL,
            company_id uuid NOT NULL,
            CONSTRAINT company_external_ids_unique PRIMARY KEY (tenant_id, system, id),
            FOREIGN KEY (tenant_id, company_id) REFERENCES companies (tenant_id, id)
                ON DELETE CASCADE
        );
        CREATE INDEX company_external_ids_of ON company_external_ids (tenant_id, company_id);
        """
    )


def _relationships() -> None:
    op.execute(
        """
        CREATE TABLE employments (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            version bigint NOT NULL,
            person_id uuid NOT NULL,
            company_id uuid NOT NULL,
            title text NOT NULL,
            started_on date,
            ended_on date,
            ended boolean NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id) ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, company_id) REFERENCES companies (tenant_id, id)
                ON DELETE CASCADE
        );
        CREATE INDEX employments_of_person ON employments (tenant_id, person_id, created_at, id);
        CREATE INDEX employments_at_company ON employments (tenant_id, company_id, created_at, id);
        CREATE TABLE relations (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            version bigint NOT NULL,
            first_id uuid NOT NULL,
            second_id uuid NOT NULL,
            kind text NOT NULL,
            pair text COLLATE "C" NOT NULL,
            note text NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            CONSTRAINT relations_ordered CHECK (first_id < second_id),
            CONSTRAINT relations_unique UNIQUE (tenant_id, first_id, second_id, pair),
            FOREIGN KEY (tenant_id, first_id) REFERENCES people (tenant_id, id) ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, second_id) REFERENCES people (tenant_id, id) ON DELETE CASCADE
        );
        CREATE INDEX relations_of_second ON relations (tenant_id, second_id);
        """
    )
