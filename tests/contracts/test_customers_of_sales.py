"""What sales asks of contacts is answered alike by contacts and by the stand-in that sales tests with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.context import Caller, service_caller
from chassis.domain import Conflict, Forbidden, Invalid, NotFound
from chassis.embedded.postgres import PostgresServer
from chassis.embedded.processes import free_port
from chassis.rpc.client import Peers
from chassis.rpc.server import RpcServer
from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiClient
from chassis.testing.fixtures import access, postgres, tokens
from chassis.testing.harness import ServiceHarness, migrated_database, settings_for
from chassis.testing.tokens import TestTokens
from contacts.app import build
from contacts.description import DESCRIPTION
from contacts.rpc import CONTACTS_SERVICE
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx
from sales.lead_conversions.contacts import ContactsCustomers
from sales.lead_conversions.customers import Customers
from sales.lead_conversions.domain import Found
from sales.lead_facts.domain import ConsentSaying, Origin
from sales.leads.domain import Lead, LeadDetails, LeadState
from services.sales.tests.fakes import FakeCustomers

__all__ = ["access", "postgres", "tokens"]

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PEOPLE = "/v1/contacts/people"
COMPANIES = "/v1/contacts/companies"


class OwnTokens:
    """The tokens of sales, as identity would issue them."""

    def __init__(self, tokens: TestTokens) -> None:
        self._tokens = tokens

    def token(self, tenant_id: UUID) -> str:
        return self._tokens.service(tenant_id, "sales")

    def forget(self, tenant_id: UUID) -> None:
        raise AssertionError(f"the token for {tenant_id} was refused")


@dataclass
class World:
    """Those who are asked, who asks, and ways to make somebody known."""

    customers: Customers
    caller: Caller
    know_person: Callable[[str], UUID]
    know_company: Callable[[str], UUID]
    archived_person: Callable[[], UUID]


@pytest.fixture(scope="module")
def contacts(
    postgres: PostgresServer, tokens: TestTokens, access: FakeAccessSource
) -> Iterator[tuple[ServiceHarness[ContactsTx], Customers]]:
    """Contacts with its real gRPC face, and sales' way to ask it."""
    database = migrated_database(postgres, "contacts", DESCRIPTION.migrations)
    settings = ContactsSettings(**settings_for(database, grpc_port=free_port()))
    service = build(settings, keys=tokens.key_source(), access=access)
    server = RpcServer(settings, service.authenticator, service.operations, [CONTACTS_SERVICE])
    peers = Peers(OwnTokens(tokens))
    server.start()
    peer = peers.at("contacts", f"127.0.0.1:{settings.grpc_port}")
    yield ServiceHarness(service, tokens, access), ContactsCustomers(peer, "sales")
    peers.close()
    server.stop(1)
    service.stop()


def made(app: ApiClient, path: str, body: dict[str, Any]) -> UUID:
    answer = app.post(path, body)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json["id"])


@pytest.fixture(params=["contacts", "fake"])
def world(request: pytest.FixtureRequest) -> World:
    """The real thing, or the stand-in."""
    if request.param == "fake":
        fake = FakeCustomers()
        return World(
            fake,
            service_caller("sales", uuid4()),
            fake.know_person,
            fake.know_company,
            lambda: fake.know_person(archived=True),
        )
    harness, customers = request.getfixturevalue("contacts")
    tenant_id = harness.new_tenant()
    app = harness.app_client(tenant_id)
    purpose = {"key": "news", "name": {"en": "News"}, "channels": ["email"]}
    assert app.post("/v1/contacts/purposes", purpose).status_code == 201

    def archived() -> UUID:
        person_id = made(app, PEOPLE, {"full_name": "Gone"})
        app.delete(f"{PEOPLE}/{person_id}")
        return person_id

    return World(
        customers,
        service_caller("sales", tenant_id),
        lambda email: made(app, PEOPLE, {"full_name": "Known", "emails": [{"address": email}]}),
        lambda name: made(app, COMPANIES, {"name": name}),
        archived,
    )


def lead(**details: Any) -> Lead:
    about = {"given_name": "Ada", "email": "ada@engines.example", "company_name": "Acme"}
    return Lead(
        id=uuid4(),
        state=LeadState.OPEN,
        details=LeadDetails(**{**about, **details}),
        origin=Origin("fair"),
        touches=1,
        first_touch_at=NOW,
        last_touch_at=NOW,
        captured_at=NOW,
        updated_at=NOW,
        fresh_since=NOW,
    )


def test_who_is_new_is_entered_once_for_the_lead(world: World) -> None:
    one = lead()
    ask = world.customers
    first = ask.person_of(world.caller, one, None, new=False)
    again = ask.person_of(world.caller, one, None, new=True)
    assert (first.found, again) == (Found.CREATED, first)
    firm = ask.company_of(world.caller, one, None, new=False)
    assert (firm.found, ask.company_of(world.caller, one, None, new=True)) == (Found.CREATED, firm)


def test_who_is_known_is_found_unless_somebody_new_is_meant(world: World) -> None:
    known, firm = world.know_person("ada@engines.example"), world.know_company("Acme")
    found = world.customers.person_of(world.caller, lead(), None, new=False)
    assert (found.id, found.found) == (known, Found.MATCHED)
    company = world.customers.company_of(world.caller, lead(), None, new=False)
    assert (company.id, company.found) == (firm, Found.MATCHED)
    other = world.customers.person_of(world.caller, lead(), None, new=True)
    assert (other.id == known, other.found) == (False, Found.CREATED)
    assert world.customers.company_of(world.caller, lead(), None, new=True).id != firm


def test_where_several_fit_all_of_them_are_named(world: World) -> None:
    both = [world.know_person("ada@engines.example") for _ in range(2)]
    with pytest.raises(Conflict) as refusal:
        world.customers.person_of(world.caller, lead(), None, new=False)
    assert refusal.value.code == "lead_ambiguous"
    assert {one.pointer for one in refusal.value.violations} == {"/person_id"}
    named = " ".join(one.message for one in refusal.value.violations)
    assert all(str(person_id) in named for person_id in both)


def test_whom_somebody_has_chosen_has_to_be_there_and_in_use(world: World) -> None:
    known, firm = world.know_person("ada@engines.example"), world.know_company("Acme")
    assert world.customers.known_person(world.caller, known) == known
    assert world.customers.known_company(world.caller, firm) == firm
    with pytest.raises(NotFound):
        world.customers.known_person(world.caller, uuid4())
    with pytest.raises(NotFound):
        world.customers.known_company(world.caller, uuid4())
    with pytest.raises(Conflict) as refusal:
        world.customers.known_person(world.caller, world.archived_person())
    assert refusal.value.code == "person_archived"


def test_whose_a_person_is_is_told(world: World) -> None:
    assert (
        world.customers.owner_of(world.caller, world.know_person("known@engines.example")) is None
    )
    owner_id = uuid4()
    entered = world.customers.person_of(world.caller, lead(), owner_id, new=False).id
    assert world.customers.owner_of(world.caller, entered) == owner_id
    with pytest.raises(NotFound):
        world.customers.owner_of(world.caller, uuid4())


def test_work_and_consents_are_noted_and_an_unknown_purpose_is_told(world: World) -> None:
    person, firm = world.know_person("ada@engines.example"), world.know_company("Acme")
    for _ in range(2):
        world.customers.employ(world.caller, person, firm, "CTO")
    said = ConsentSaying("news", "email", granted=True, wording="Yes", source="form", said_at=NOW)
    unheard = ConsentSaying("none", "email", granted=True, wording="", source="form", said_at=NOW)
    for _ in range(2):
        assert world.customers.pass_on(world.caller, person, uuid4(), said) == ""
    assert world.customers.pass_on(world.caller, person, uuid4(), unheard) == "purpose_unknown"


def test_contacts_keeps_what_the_lead_was_and_said(
    contacts: tuple[ServiceHarness[ContactsTx], Customers],
) -> None:
    harness, customers = contacts
    tenant_id = harness.new_tenant()
    app, caller = harness.app_client(tenant_id), service_caller("sales", tenant_id)
    one = lead(phone="0912 345 678", country="TW", company_size=12, industry="tools")
    person = customers.person_of(caller, one, None, new=False).id
    firm = customers.company_of(caller, one, None, new=False).id
    customers.employ(caller, person, firm, "CTO")
    said = ConsentSaying(
        "newsletter", "email", granted=True, wording="Write to me.", source="web form", said_at=NOW
    )
    assert customers.pass_on(caller, person, one.id, said) == ""
    entered = app.get(f"{PEOPLE}/{person}").json
    assert entered["phones"][0]["number"] == "+886912345678"
    assert (entered["lifecycle_stage"], entered["source"]) == ("prospect", "fair")
    assert entered["external_ids"] == [{"system": "sales.lead", "id": str(one.id)}]
    company = app.get(f"{COMPANIES}/{firm}").json
    assert (company["domain"], company["employee_count"]) == ("engines.example", 12)
    (work,) = app.get(f"{PEOPLE}/{person}/employments").json["items"]
    assert (work["company_id"], work["title"]) == (str(firm), "CTO")
    (consent,) = app.get(f"/v1/contacts/consents?person_id={person}").json["items"]
    # The newsletter has double opt-in, and a form may be filled in by anybody.
    assert (consent["state"], consent["said_at"]) == ("pending", "2026-03-01T00:00:00Z")
    assert (consent["source"], "Write to me." in consent["proof"]) == ("lead: web form", True)


def test_what_a_lead_has_said_is_noted_once_however_often_it_is_passed_on(
    contacts: tuple[ServiceHarness[ContactsTx], Customers],
) -> None:
    harness, customers = contacts
    tenant_id = harness.new_tenant()
    app, caller = harness.app_client(tenant_id), service_caller("sales", tenant_id)
    one = lead()
    person = customers.person_of(caller, one, None, new=False).id
    consent = f"{PEOPLE}/{person}/consents/newsletter/email"
    assert app.put(consent, {"state": "withdrawn", "source": "by letter"}).status_code < 300
    earlier = ConsentSaying(
        "newsletter", "email", granted=True, wording="Yes.", source="web form", said_at=NOW
    )
    for _ in range(2):
        assert customers.pass_on(caller, person, one.id, earlier) == ""
    words = [said["word"] for said in app.get(f"{consent}/history").json["items"]]
    assert (words.count("withdrawn"), len(words)) == (1, 2)


def test_what_contacts_refuses_is_named_as_the_lead_has_it(
    contacts: tuple[ServiceHarness[ContactsTx], Customers],
) -> None:
    harness, customers = contacts
    caller = service_caller("sales", harness.new_tenant())
    for wrong, pointer in (({"phone": "12"}, "/phone"), ({"email": "a@b"}, "/email")):
        with pytest.raises(Invalid) as refusal:
            customers.person_of(caller, lead(**wrong), None, new=False)
        assert [one.pointer for one in refusal.value.violations] == [pointer]


def test_whoever_asks_does_so_with_their_own_reach(
    contacts: tuple[ServiceHarness[ContactsTx], Customers],
) -> None:
    harness, customers = contacts
    tenant_id, me = harness.new_tenant(), uuid4()
    app = harness.app_client(tenant_id)
    about = {"full_name": "Ada", "emails": [{"address": "ada@engines.example"}]}
    theirs = made(app, PEOPLE, {**about, "owner_id": str(uuid4())})
    firm = made(app, COMPANIES, {"name": "Acme"})
    grants = {
        "contacts.people.read": "all",
        "contacts.people.write": "own",
        "contacts.companies.read": "all",
    }
    token = harness.user_client(tenant_id, grants, user_id=me).token
    caller = Caller(tenant_id, str(me), user_id=me, token=token)
    assert customers.person_of(caller, lead(), None, new=False).id == theirs
    customers.employ(caller, theirs, firm, "CTO")
    assert app.get(f"{PEOPLE}/{theirs}/employments").json["items"] == []
    with pytest.raises(Forbidden):
        customers.company_of(caller, lead(), None, new=False)
