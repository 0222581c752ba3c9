"""Whom other services describe is found, or entered once, over a real gRPC server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.message import Message

from chassis.context import Caller, service_caller
from chassis.domain import Conflict, DomainError, Forbidden, Invalid, NotFound
from chassis.embedded.processes import free_port
from chassis.rpc.client import Peer, Peers
from chassis.rpc.server import RpcServer
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from chassis.testing.tokens import TestTokens
from contacts.rpc import CONTACTS_SERVICE
from contacts.transaction import ContactsTx
from rapport.common.v1.external_id_pb2 import ExternalId
from rapport.contacts.v1 import contacts_service_pb2 as messages
from rapport.contacts.v1.contacts_service_pb2_grpc import ContactsServiceStub
from services.contacts.tests.builders import COMPANIES, PEOPLE, company, person

Contacts = ServiceHarness[ContactsTx]

CREATED = messages.MATCH_OUTCOME_CREATED
MATCHED = messages.MATCH_OUTCOME_MATCHED
AMBIGUOUS = messages.MATCH_OUTCOME_AMBIGUOUS
EVERYTHING_OF_PEOPLE = ("contacts.people.read", "contacts.people.write")


class OwnTokens:
    """The tokens of a service called `sales`, as identity would issue them."""

    def __init__(self, tokens: TestTokens) -> None:
        self._tokens = tokens

    def token(self, tenant_id: UUID) -> str:
        return self._tokens.service(tenant_id, "sales")

    def forget(self, tenant_id: UUID) -> None:
        raise AssertionError(f"the token for {tenant_id} was refused")


@pytest.fixture(scope="module")
def peer(contacts: Contacts, tokens: TestTokens) -> Iterator[Peer]:
    """Contacts as another service reaches it."""
    service = contacts.service
    listening = service.settings.model_copy(update={"grpc_port": free_port()})
    server = RpcServer(listening, service.authenticator, service.operations, [CONTACTS_SERVICE])
    peers = Peers(OwnTokens(tokens))
    server.start()
    yield peers.at("contacts", f"127.0.0.1:{listening.grpc_port}")
    peers.close()
    server.stop(1)


@pytest.fixture
def app(contacts: Contacts) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return contacts.app_client(contacts.new_tenant())


@pytest.fixture
def sales(app: ApiClient) -> Caller:
    """Another service, at work in the same tenant."""
    assert app.tenant_id is not None
    return service_caller("sales", app.tenant_id)


def ask(peer: Peer, request: Message, caller: Caller) -> Any:
    """Ask the method that the request belongs to."""
    stub = peer.stub(ContactsServiceStub)
    return peer.ask(
        getattr(stub, type(request).__name__.removesuffix("Request")), request, caller, timeout=30
    )


def lead(number: int = 1, **details: Any) -> messages.MatchOrCreatePersonRequest:
    key = ExternalId(system="lead", id=str(number))
    return messages.MatchOrCreatePersonRequest(known_as=key, **details)


def firm(
    number: int = 1, name: str = "Acme Co., Ltd.", **details: Any
) -> messages.MatchOrCreateCompanyRequest:
    key = ExternalId(system="lead", id=str(number))
    return messages.MatchOrCreateCompanyRequest(known_as=key, name=name, **details)


def user_caller(contacts: Contacts, app: ApiClient, permissions: dict[str, str]) -> Caller:
    assert app.tenant_id is not None
    me = uuid4()
    token = contacts.user_client(app.tenant_id, permissions, user_id=me).token
    return Caller(app.tenant_id, str(me), user_id=me, token=token)


def test_who_is_not_known_is_entered_once_and_found_by_the_callers_own_id_ever_after(
    contacts: Contacts, peer: Peer, app: ApiClient, sales: Caller
) -> None:
    first = ask(peer, lead(family_name="王", given_name="小明", emails=["Ming@RAPPORT.dev"]), sales)
    again = ask(peer, lead(given_name="Ming", emails=["new@rapport.dev"]), sales)
    assert (first.outcome, again.outcome) == (CREATED, CREATED)
    assert (again.person_id, list(again.matched_on)) == (first.person_id, ["external_id"])
    entered = app.get(f"{PEOPLE}/{first.person_id}").json
    assert entered["full_name"] == "王小明"
    assert entered["external_ids"] == [{"system": "lead", "id": "1"}]
    assert app.tenant_id is not None
    assert len(contacts.facts(app.tenant_id)) == 1


def test_who_has_the_address_is_found_and_not_changed(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    ada = person(app, "Ada", emails=[{"address": "ada@rapport.dev"}])
    found = ask(peer, lead(given_name="A.", emails=["ADA@rapport.dev"]), sales)
    assert (found.outcome, found.person_id) == (MATCHED, ada)
    assert list(found.matched_on) == ["email"]
    assert app.get(f"{PEOPLE}/{ada}").json["version"] == 1


def test_a_number_counts_together_with_the_name_however_it_is_written(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    ada = person(app, "Ada King", phones=[{"number": "+886912345678"}])
    same = lead(given_name="ADA", family_name="KING", phones=["0912-345-678"], country="TW")
    assert ask(peer, same, sales).person_id == ada
    other = ask(peer, lead(2, given_name="Bob", phones=["+886912345678"]), sales)
    assert (other.outcome, other.HasField("person_id")) == (AMBIGUOUS, False)
    (candidate,) = other.candidates
    assert (candidate.id, candidate.name, list(candidate.matched_on)) == (
        ada,
        "Ada King",
        ["phone"],
    )
    assert len(app.get(PEOPLE).json["items"]) == 1


def test_what_is_ambiguous_is_entered_once_somebody_has_decided_so(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    for name in ("Ada", "Bob"):
        person(app, name, emails=[{"address": "family@rapport.dev"}])
    about: dict[str, Any] = {"given_name": "Eve", "emails": ["family@rapport.dev"]}
    assert ask(peer, lead(**about), sales).outcome == AMBIGUOUS
    decided = ask(peer, lead(**about, must_create=True), sales)
    again = ask(peer, lead(**about), sales)
    assert (decided.outcome, again.person_id) == (CREATED, decided.person_id)
    assert len(app.get(PEOPLE).json["items"]) == 3


def test_many_who_describe_the_same_somebody_at_once_enter_one(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    start = Barrier(6)

    def send(number: int) -> str:
        start.wait(10)
        request = lead(number, given_name="Ada", emails=["a@rapport.dev"])
        answer: messages.MatchOrCreatePersonResponse = ask(peer, request, sales)
        return answer.person_id

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(send, range(6)))
    (entered,) = app.get(PEOPLE).json["items"]
    assert answers == {entered["id"]}


def test_many_who_describe_the_same_company_at_once_enter_one(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    start = Barrier(6)

    def send(number: int) -> str:
        start.wait(10)
        answer: messages.MatchOrCreateCompanyResponse = ask(peer, firm(number), sales)
        return answer.company_id

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(send, range(6)))
    (entered,) = app.get(COMPANIES).json["items"]
    assert answers == {entered["id"]}


def test_a_company_is_found_by_its_domain_or_by_its_name_in_any_writing(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    acme = company(app, "Acme", legal_name="ACME CO LTD", domain="acme.com")
    tatung = company(app, "大同商行")
    by_domain = ask(peer, firm(1, "Whoever", domain="bob@acme.com"), sales)
    assert (by_domain.outcome, by_domain.company_id) == (MATCHED, acme)
    assert list(by_domain.matched_on) == ["domain"]
    by_name = ask(peer, firm(2, "\uff21cme Co., Ltd.", domain="bob@gmail.com"), sales)
    assert (by_name.company_id, list(by_name.matched_on)) == (acme, ["name"])
    assert ask(peer, firm(3, "大同 商行", domain="tatung.tw"), sales).company_id == tatung


def test_a_company_of_the_same_name_elsewhere_is_for_somebody_to_decide(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    acme = company(app, "Acme", domain="acme.com")
    found = ask(peer, firm(1, "ACME", domain="acme.de"), sales)
    assert found.outcome == AMBIGUOUS
    assert [one.id for one in found.candidates] == [acme]
    decided = ask(peer, firm(1, "ACME", domain="acme.de", must_create=True), sales)
    assert decided.outcome == CREATED
    read = ask(peer, messages.GetCompanyRequest(company_id=decided.company_id), sales).company
    assert (read.name, read.domain, read.archived, read.version) == ("ACME", "acme.de", False, 1)


def test_those_at_a_provider_of_mail_for_all_are_not_of_one_company(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    ask(peer, firm(1, "One", domain="one@gmail.com"), sales)
    second = ask(peer, firm(2, "Two", domain="two@gmail.com"), sales)
    assert second.outcome == CREATED
    assert {one["domain"] for one in app.get(COMPANIES).json["items"]} == {""}


def test_one_who_is_put_away_is_not_found_and_their_own_id_is_refused(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    first = ask(peer, lead(given_name="A", emails=["a@rapport.dev"]), sales)
    app.delete(f"{PEOPLE}/{first.person_id}")
    assert ask(peer, lead(2, given_name="A", emails=["a@rapport.dev"]), sales).outcome == CREATED
    with pytest.raises(Conflict) as refusal:
        ask(peer, lead(given_name="A"), sales)
    assert refusal.value.code == "external_id_taken"


def test_one_who_was_merged_is_found_by_the_same_id(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    gone = ask(peer, lead(given_name="A"), sales).person_id
    kept = person(app, "Ada")
    assert app.post(f"{PEOPLE}/{kept}/merge", {"person_id": gone}).status_code == 201
    assert ask(peer, lead(given_name="A"), sales).person_id == kept


def test_a_users_own_token_finds_as_far_as_the_user_reads(
    contacts: Contacts, peer: Peer, app: ApiClient
) -> None:
    theirs = person(app, "Ada", emails=[{"address": "a@rapport.dev"}], owner_id=str(uuid4()))
    request = lead(given_name="Ada", emails=["a@rapport.dev"])
    reader = user_caller(
        contacts, app, {"contacts.people.read": "all", "contacts.people.write": "own"}
    )
    assert ask(peer, request, reader).person_id == theirs
    narrow = user_caller(contacts, app, dict.fromkeys(EVERYTHING_OF_PEOPLE, "own"))
    assert ask(peer, request, narrow).outcome == CREATED
    for missing in EVERYTHING_OF_PEOPLE:
        held = {one: "all" for one in EVERYTHING_OF_PEOPLE if one != missing}
        with pytest.raises(Forbidden):
            ask(peer, request, user_caller(contacts, app, held))


def test_another_tenants_records_are_not_found(
    contacts: Contacts, peer: Peer, app: ApiClient
) -> None:
    ada = person(app, "Ada", emails=[{"address": "a@rapport.dev"}])
    acme = company(app, "Acme", domain="acme.com")
    stranger = service_caller("sales", contacts.new_tenant())
    entered = ask(peer, lead(given_name="Ada", emails=["a@rapport.dev"]), stranger)
    assert (entered.outcome, entered.person_id == ada) == (CREATED, False)
    assert ask(peer, firm(1, "Acme", domain="acme.com"), stranger).outcome == CREATED
    for request in (
        messages.GetCompanyRequest(company_id=acme),
        messages.StartEmploymentRequest(person_id=ada, company_id=acme),
    ):
        with pytest.raises(NotFound):
            ask(peer, request, stranger)


def test_an_employment_begins_once_however_often_and_by_however_many_it_is_told(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    ada, acme = person(app, "Ada"), company(app, "Acme")
    request = messages.StartEmploymentRequest(person_id=ada, company_id=acme, title="CTO")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ask(peer, request, sales).started, range(4)))
    assert sorted(answers) == [False, False, False, True]
    other = messages.StartEmploymentRequest(person_id=ada, company_id=acme, title="Buyer")
    assert not ask(peer, other, sales).started
    (employment,) = app.get(f"{PEOPLE}/{ada}/employments").json["items"]
    assert (employment["title"], employment["current"]) == ("CTO", True)


def test_an_employment_that_is_over_is_begun_anew(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    ada, acme = person(app, "Ada"), company(app, "Acme")
    over = {"company_id": acme, "started_on": "2020-01-01", "ended_on": "2020-12-31"}
    assert app.post(f"{PEOPLE}/{ada}/employments", over).status_code == 201
    request = messages.StartEmploymentRequest(person_id=ada, company_id=acme)
    assert ask(peer, request, sales).started
    assert len(app.get(f"{PEOPLE}/{ada}/employments").json["items"]) == 2


@pytest.mark.parametrize(
    ("request_of", "refusal"),
    [
        (lambda: messages.MatchOrCreatePersonRequest(given_name="A"), Invalid),
        (lead, Invalid),
        (lambda: lead(given_name="A", emails=["nowhere"]), Invalid),
        (lambda: lead(given_name="A", emails=["a@b.dev"] * 21), Invalid),
        (lambda: lead(given_name="A", phones=["0912345678"]), Invalid),
        (lambda: lead(given_name="A", country="Nowhereland"), Invalid),
        (lambda: lead(given_name="a\x00b"), Invalid),
        (lambda: lead(given_name="A", owner_id="me"), Invalid),
        (lambda: firm(name=" "), Invalid),
        (lambda: firm(domain="no domain"), Invalid),
        (lambda: firm(employee_count=-1), Invalid),
        (lambda: messages.MatchOrCreateCompanyRequest(name="Acme"), Invalid),
        (lambda: messages.GetCompanyRequest(company_id="acme"), Invalid),
        (lambda: messages.GetCompanyRequest(company_id=str(uuid4())), NotFound),
        (lambda: messages.StartEmploymentRequest(person_id="me"), Invalid),
    ],
)
def test_what_cannot_be_recognised_is_refused_and_enters_nothing(
    peer: Peer,
    app: ApiClient,
    sales: Caller,
    request_of: Callable[[], Message],
    refusal: type[DomainError],
) -> None:
    with pytest.raises(refusal):
        ask(peer, request_of(), sales)
    assert app.get(PEOPLE).json["items"] == []
    assert app.get(COMPANIES).json["items"] == []
