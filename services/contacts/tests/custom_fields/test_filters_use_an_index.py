"""Among many people, a filter by a custom field is an index scan for the runtime login."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa

from chassis.clock import TimeOrderedIds
from chassis.storage.listing import OpenFilter
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Reading
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.custom_fields.domain import RecordKind
from contacts.custom_fields.encoding import sortable_money, sortable_number
from contacts.custom_fields.filters import narrowed
from contacts.people.storage import people
from contacts.transaction import ContactsTx

from .conftest import FIELDS

Contacts = ServiceHarness[ContactsTx]
MANY = 20_000

_PEOPLE = sa.text(
    "INSERT INTO people SELECT :tenant, id, 1, '', '', 'P', 'lead', NULL, '', '', '', 0, '{}', '{}',"
    " now(), now(), NULL, NULL FROM unnest(CAST(:ids AS uuid[])) AS given (id)"
)
_VALUES = sa.text(
    "INSERT INTO person_custom_values (tenant_id, record_id, field_id, value)"
    " SELECT :tenant, id, :field, value"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:texts AS text[])) AS given (id, value)"
)


@pytest.fixture(scope="module")
def crowded(contacts: Contacts) -> ApiClient:
    """An app in a tenant of many people, each with a number, a budget and a name."""
    app = contacts.app_client(contacts.new_tenant())
    factory = TimeOrderedIds()
    ids = [factory.new() for _ in range(MANY)]
    texts = {
        "number": [sortable_number(Decimal(n)) for n in range(MANY)],
        "money": [sortable_money(Decimal(n), "TWD") for n in range(MANY)],
        "text": [f"name {n}" for n in range(MANY)],
    }
    fields = {kind: _defined(app, kind) for kind in texts}
    with contacts.service.database.tenant_transaction(app.tenant_id) as connection:
        connection.execute(_PEOPLE, {"tenant": app.tenant_id, "ids": ids})
        for kind, field in fields.items():
            given = {"tenant": app.tenant_id, "field": field, "ids": ids, "texts": texts[kind]}
            connection.execute(_VALUES, given)
    runtime = contacts.service.settings.database_url.get_secret_value()
    with psycopg.connect(runtime.replace("runtime", "owner"), autocommit=True) as owner:
        owner.execute("ANALYZE people, person_custom_values")
    return app


def _defined(app: ApiClient, kind: str) -> UUID:
    field = {"object": "person", "key": f"a_{kind}", "type": kind, "label": {"en": kind}}
    return UUID(app.post(FIELDS, field).json["id"])


@pytest.mark.parametrize(
    ("name", "operator", "text"),
    [
        ("custom.a_number", "eq", "77"),
        ("custom.a_number", "gte", "19990"),
        ("custom.a_number", "lt", "10"),
        ("custom.a_number", "in", "1,2,3"),
        ("custom.a_money", "gt", "19990 TWD"),
        ("custom.a_text", "eq", "name 5"),
        ("custom.a_text", "prefix", "name 1999"),
    ],
)
def test_a_filter_is_an_index_scan(
    contacts: Contacts, crowded: ApiClient, name: str, operator: Any, text: str
) -> None:
    plan = explained(contacts, crowded, OpenFilter(name, operator, text))
    scan = next(i for i, line in enumerate(plan) if "on person_custom_values" in line)
    assert "using person_custom_values_pkey" in plan[scan], plan
    (condition,) = [line for line in plan[scan:] if line.startswith("Index Cond")][:1]
    assert "value" in condition, plan
    assert not any("Seq Scan" in line for line in plan), plan


def explained(contacts: Contacts, app: ApiClient, asked: OpenFilter) -> list[str]:
    """How the runtime login would find those people, newest first."""
    caller = contacts.service.authenticator.caller(app.token or "")
    with contacts.service.database.tenant_reading(app.tenant_id) as session:
        reading = Reading(session, caller, EVERYTHING, contacts.service.clock)
        base = sa.select(people.c.id).where(people.c.tenant_id == app.tenant_id)
        base = base.order_by(people.c.created_at.desc(), people.c.id.desc()).limit(51)
        statement = narrowed(reading, RecordKind.PERSON, base, people.c.id, (asked,))
        sql = str(statement.compile(reading.connection, compile_kwargs={"literal_binds": True}))
        rows = reading.connection.exec_driver_sql(f"EXPLAIN {sql.replace('%', '%%')}").scalars()
        return [line.strip() for line in rows]
