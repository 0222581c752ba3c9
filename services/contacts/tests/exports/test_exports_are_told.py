"""An export is told as a fact of its own: the audit log has who took what away."""

from __future__ import annotations

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx
from rapport.contacts.events.v1.export_events_pb2 import DataExported

Contacts = ServiceHarness[ContactsTx]
PEOPLE = "/v1/contacts/people"
TYPE = DataExported.DESCRIPTOR.full_name


def told(contacts: Contacts, client: ApiClient) -> list[DataExported]:
    """The exports that facts tell of."""
    assert client.tenant_id is not None
    found = contacts.facts(client.tenant_id)
    return [DataExported.FromString(payload) for kind, payload in found if kind == TYPE]


def test_an_export_says_what_was_taken_and_not_what_was_looked_for(contacts: Contacts) -> None:
    app = contacts.app_client(contacts.new_tenant())
    assert (
        app.get(f"{PEOPLE}/export?format=ndjson&email=ada@example.com&tag=vip").status_code == 200
    )
    assert app.get("/v1/contacts/companies/export").status_code == 200

    people, companies = told(contacts, app)
    assert (people.kind, people.format, list(people.filters)) == (
        "people",
        "ndjson",
        ["email", "tag"],
    )
    assert not people.HasField("person_id")
    assert b"ada" not in people.SerializeToString()
    assert (companies.kind, companies.format) == ("companies", "csv")


def test_a_card_names_its_person(contacts: Contacts) -> None:
    app = contacts.app_client(contacts.new_tenant())
    person = app.post(PEOPLE, {"full_name": "王小明"}).json
    assert app.get(f"{PEOPLE}/{person['id']}/vcard").status_code == 200

    (card,) = told(contacts, app)
    assert (card.person_id, card.format) == (person["id"], "vcf")


def test_what_is_refused_is_no_export(contacts: Contacts) -> None:
    app = contacts.app_client(contacts.new_tenant())
    assert app.get(f"{PEOPLE}/export?format=pdf").status_code == 400
    assert app.get(f"{PEOPLE}/export?nonsense=1").status_code == 400
    assert told(contacts, app) == []
