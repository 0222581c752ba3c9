"""A person is the same whether imported or entered through the API: shown, kept, indexed and told alike."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from contacts.custom_fields.domain import RecordKind
from contacts.custom_fields.storage import VALUES
from contacts.people.storage import people, person_external_ids, person_keys
from rapport.contacts.events.v1 import person_events_pb2 as person_events
from services.contacts.tests.imports.conftest import PEOPLE, Contacts, Importing

FIELDS = "/v1/contacts/custom-fields"
OF_EACH = ("id", "created_at", "updated_at", "import_id", "duplicates")
BODIES: list[dict[str, Any]] = [
    {
        "full_name": "王小明",
        "given_name": "小明",
        "family_name": "王",
        "emails": [
            {"address": " Ming@Example.com.TW ", "label": "work"},
            {"address": "ming@example.com.tw"},
        ],
        "phones": [{"number": "+886 912-345-678"}, {"number": "+886 2 2345 6789", "label": "home"}],
        "handles": [{"network": "line", "handle": "ming"}],
        "postal_addresses": [
            {"lines": ["羅斯福路四段1號"], "city": "大安區", "region": "臺北市", "country": "TW"}
        ],
        "tags": ["vip", "會員", "vip"],
        "important_dates": [{"kind": "birthday", "date": "1990-03-04"}],
        "life_events": [{"kind": "moved", "note": "to Taipei"}],
        "external_ids": [{"system": "erp", "id": "e1"}, {"system": "shop", "id": "s1"}],
        "custom_fields": {"store": "north", "points": "1200"},
        "language": "zh-Hant",
        "time_zone": "Asia/Taipei",
        "source": "fair",
        "lifecycle_stage": "customer",
    },
    {"given_name": "Zoë", "family_name": "O'Brien-Müller", "emails": [{"address": "z@example.de"}]},
    {"full_name": "MING TWIN", "emails": [{"address": "ming@EXAMPLE.com.tw"}]},
    {"phones": [{"number": "+886 (2) 2345 6789"}], "custom_fields": {"store": "south"}},
    {"full_name": "\uff37\uff29\uff24\uff25 \uff11", "tags": ["x"]},
]


@pytest.fixture
def entered(contacts: Contacts) -> Importing:
    """A tenant whose people were entered one by one."""
    one = tenant_with_fields(contacts)
    for body in BODIES:
        answer = one.client.post(PEOPLE, body)
        assert answer.status_code == 201, answer.text
    return one


@pytest.fixture
def imported(contacts: Contacts) -> Importing:
    """A tenant whose people, the same, were imported."""
    one = tenant_with_fields(contacts)
    address = one.upload(b"\n".join(map(orjson.dumps, BODIES)))
    assert one.run(address)["created"] == len(BODIES), one.codes(address)
    return one


def tenant_with_fields(contacts: Contacts) -> Importing:
    one = Importing(contacts, contacts.app_client(contacts.new_tenant()))
    for key, kind in (("store", "text"), ("points", "number")):
        field = {"object": "person", "key": key, "type": kind, "label": {"en": key}}
        assert one.client.post(FIELDS, field).status_code == 201
    return one


def kept(one: Importing, *columns: sa.ColumnElement[Any], owner: Any) -> list[tuple[Any, ...]]:
    """Rows of a table, with the number of the person that they are about."""
    tenant = one.client.tenant_id
    table = columns[0].table
    with one.contacts.service.database.tenant_transaction(tenant) as connection:
        ids = sa.select(people.c.id).where(people.c.tenant_id == tenant).order_by(people.c.id)
        place = {person_id: n for n, person_id in enumerate(connection.execute(ids).scalars())}
        found = connection.execute(sa.select(owner, *columns).where(table.c.tenant_id == tenant))
        return sorted((place[row[0]], *row[1:]) for row in found)


def test_they_are_shown_alike(imported: Importing, entered: Importing) -> None:
    def shown(one: Importing) -> list[dict[str, Any]]:
        found = [one.client.get(f"{PEOPLE}/{p['id']}").json for p in one.people()]
        found.sort(key=lambda person: str(person["id"]))
        return [{k: v for k, v in person.items() if k not in OF_EACH} for person in found]

    assert len(shown(entered)) == len(BODIES)
    assert shown(imported) == shown(entered)


def test_they_are_known_by_the_same_keys(imported: Importing, entered: Importing) -> None:
    keys = (person_keys.c.kind, person_keys.c.key)
    found = kept(entered, *keys, owner=person_keys.c.person_id)
    assert {kind for _, kind, _ in found} >= {"email", "phone"}
    assert kept(imported, *keys, owner=person_keys.c.person_id) == found
    ids = (person_external_ids.c.system, person_external_ids.c.id)
    assert kept(imported, *ids, owner=person_external_ids.c.person_id) == kept(
        entered, *ids, owner=person_external_ids.c.person_id
    )


def test_they_are_found_by_the_same_terms_and_values(
    imported: Importing, entered: Importing
) -> None:
    terms = sa.table(
        "person_search_terms", sa.column("tenant_id"), sa.column("record_id"), sa.column("term")
    )
    found = kept(entered, terms.c.term, owner=terms.c.record_id)
    assert {place for place, _ in found} == set(range(len(BODIES)))
    assert kept(imported, terms.c.term, owner=terms.c.record_id) == found
    values = VALUES[RecordKind.PERSON]
    assert len(kept(entered, values.c.value, owner=values.c.record_id)) == 3
    assert kept(imported, values.c.value, owner=values.c.record_id) == kept(
        entered, values.c.value, owner=values.c.record_id
    )


def test_their_facts_tell_the_same(imported: Importing, entered: Importing) -> None:
    def told(one: Importing) -> list[person_events.PersonCreated]:
        facts = [person_events.PersonCreated.FromString(p) for p in one.facts("PersonCreated")]
        facts.sort(key=lambda fact: fact.person_id)
        for fact in facts:
            fact.ClearField("person_id")
            fact.ClearField("import_id")
        return facts

    assert len(told(entered)) == len(BODIES)
    assert told(imported) == told(entered)
