"""Facts that are kept in the outbox tell nothing of somebody who is erased."""

from __future__ import annotations

from google.protobuf.struct_pb2 import Struct

from chassis.personal import blanked
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx
from rapport.contacts.events.v1 import consent_events_pb2, person_events_pb2
from rapport.contacts.requests.v1.send_message_pb2 import SendMessage
from services.contacts.tests.builders import PEOPLE, person

Contacts = ServiceHarness[ContactsTx]
MARK = "Amphitrite"


def outbox_with(contacts: Contacts, tenant: object, text: str) -> list[str]:
    """The types of the tenant's kept facts that hold a text."""
    return [kind for kind, content in contacts.facts(tenant) if text.encode() in content]  # type: ignore[arg-type]


def test_what_names_the_erased_goes_out_of_kept_facts_and_the_rest_stays(
    contacts: Contacts,
) -> None:
    tenant = contacts.new_tenant()
    client = contacts.app_client(tenant)
    purpose = {"key": "regatta", "name": {"en": "Regatta"}}
    assert client.post("/v1/contacts/purposes", purpose).status_code == 201
    known = {"external_ids": [{"system": "erp", "id": f"{MARK}-1"}], "source": f"{MARK}'s party"}
    her = person(client, MARK, **known)
    other = person(client, "Poseidon", external_ids=[{"system": "erp", "id": "P-1"}])
    consent = {"state": "granted", "source": f"{MARK} said so", "proof": "x", "confirmed": True}
    path = f"{PEOPLE}/{her}/consents/regatta/email"
    assert client.put(path, consent).status_code == 200
    before = outbox_with(contacts, tenant, MARK)
    assert {kind.rpartition(".")[2] for kind in before} == {"PersonCreated", "ConsentGranted"}

    erased = client.post(f"{PEOPLE}/{her}/erase", {"reason": "asked by letter"})

    assert erased.status_code == 200, erased.text
    assert outbox_with(contacts, tenant, MARK) == []
    created = [
        person_events_pb2.PersonCreated.FromString(content)
        for kind, content in contacts.facts(tenant)
        if kind.endswith(".PersonCreated")
    ]
    assert [(one.person_id, len(one.external_ids)) for one in created] == [(her, 0), (other, 1)]


def test_a_fact_of_an_unknown_type_or_of_no_sense_keeps_nothing() -> None:
    granted = consent_events_pb2.ConsentGranted
    assert blanked("rapport.nobody.events.v1.Unheard", b"x") == b""
    assert blanked(granted.DESCRIPTOR.full_name, b"\xff\xff") == b""


def test_what_is_personal_in_a_message_within_goes_too() -> None:
    variables = Struct()
    variables.update({"name": MARK})
    request = SendMessage()
    request.request.person_id, request.request.template = "p", "welcome"
    request.request.variables.CopyFrom(variables)
    left = blanked(SendMessage.DESCRIPTOR.full_name, request.SerializeToString())
    assert SendMessage.FromString(left).request.template == "welcome"
    assert not SendMessage.FromString(left).request.HasField("variables")
