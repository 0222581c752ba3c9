"""What the columns of an export depend on: the systems and the fields that a tenant has."""

from __future__ import annotations

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from contacts.custom_fields.domain import RecordKind
from contacts.custom_fields.queries import definitions_of
from contacts.exports.tables import COMPANIES, PEOPLE, Table

_MOST_SYSTEMS = 50


def people_table(reading: Reading) -> Table:
    """The table of the tenant's people."""
    return _table(reading, RecordKind.PERSON)


def companies_table(reading: Reading) -> Table:
    """The table of the tenant's companies."""
    return _table(reading, RecordKind.COMPANY)


def _table(reading: Reading, kind: RecordKind) -> Table:
    columns = PEOPLE if kind is RecordKind.PERSON else COMPANIES
    about = {"tenant_id": reading.caller.tenant_id, "most": _MOST_SYSTEMS}
    systems = [row["system"] for row in reading.fetch_all(_SYSTEMS[kind], about)]
    fields = sorted(
        definitions_of(reading, kind).values(), key=lambda field: (field.position, field.key)
    )
    return Table(columns, systems, [field.key for field in fields])


def _systems(table: str) -> Statement:
    """The systems that there are, by one look into the index for each: there are few."""
    return Statement(
        f"""
        WITH RECURSIVE found (system) AS (
            SELECT min(system) FROM {table} WHERE tenant_id = %(tenant_id)s
            UNION ALL
            SELECT (
                SELECT min(system) FROM {table}
                WHERE tenant_id = %(tenant_id)s AND system > found.system
            )
            FROM found WHERE found.system IS NOT NULL
        )
        SELECT system FROM found WHERE system IS NOT NULL LIMIT %(most)s
        """  # noqa: S608 - our own names
    )


_SYSTEMS = {
    RecordKind.PERSON: _systems("person_external_ids"),
    RecordKind.COMPANY: _systems("company_external_ids"),
}
