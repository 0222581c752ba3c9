"""The questions that other services ask contacts, over a real gRPC server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
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
from rapport.contacts.v1.lifecycle_stage_pb2 import (
    LIFECYCLE_STAGE_CUSTOMER,
    LIFECYCLE_STAGE_LEAD,
)
from services.contacts.tests.builders import PEOPLE, company, person

Contacts = ServiceHarness[ContactsTx]


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


def create(key: str = "order-1", **details: Any) -> messages.CreatePersonRequest:
    return messages.CreatePersonRequest(idempotency_key=key, **(details or {"given_name": "Ada"}))


def test_a_person_is_read_with_the_preferred_contact_points_first(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    ada = person(
        app,
        "Ada",
        lifecycle_stage="customer",
        emails=[{"address": "b@rapport.dev"}, {"address": "a@rapport.dev", "primary": True}],
        external_ids=[{"system": "erp", "id": "1"}],
        language="zh-Hant",
        important_dates=[{"kind": "birthday", "date": "1990-02-28", "label": "Ada"}],
    )
    found = ask(peer, messages.GetPersonRequest(person_id=ada), sales).person
    assert (found.person_id, found.display_name, found.version) == (ada, "Ada", 1)
    assert found.lifecycle_stage == LIFECYCLE_STAGE_CUSTOMER
    assert list(found.emails) == ["a@rapport.dev", "b@rapport.dev"]
    assert found.external_ids[0] == ExternalId(system="erp", id="1")
    assert list(found.important_dates) == [
        messages.ImportantDate(kind="birthday", date="1990-02-28")
    ]
    assert not found.HasField("owner_id")
    assert not found.archived


def test_a_person_has_the_company_where_they_began_last(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    ada, first, second, past = person(app), company(app), company(app), company(app)
    url = f"{PEOPLE}/{ada}/employments"
    request = messages.GetPersonRequest(person_id=ada)
    assert not ask(peer, request, sales).person.HasField("company_id")
    for company_id, started_on in ((second, "2024-01-01"), (first, "2020-01-01")):
        app.post(url, {"company_id": company_id, "started_on": started_on})
    app.post(url, {"company_id": past, "started_on": "2025-01-01", "ended_on": "2025-02-01"})
    assert ask(peer, request, sales).person.company_id == second


def test_an_archived_person_is_read_but_not_found(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    ada = person(app, emails=[{"address": "a@rapport.dev"}])
    app.delete(f"{PEOPLE}/{ada}")
    assert ask(peer, messages.GetPersonRequest(person_id=ada), sales).person.archived
    assert not ask(peer, messages.FindPeopleRequest(email="a@rapport.dev"), sales).people


def test_one_who_was_merged_is_answered_with_who_was_left(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    kept, gone = person(app, "王小明"), person(app, "Ming", emails=[{"address": "m@example.com"}])
    employer = company(app)
    work = app.post(f"{PEOPLE}/{gone}/employments", {"company_id": employer})
    assert work.status_code == 201, work.text
    assert app.post(f"{PEOPLE}/{kept}/merge", {"person_id": gone}).status_code == 201
    got = ask(peer, messages.GetPersonRequest(person_id=gone), sales).person
    assert (got.person_id, got.display_name, got.company_id) == (kept, "王小明", employer)
    found = ask(peer, messages.FindPeopleRequest(email="m@example.com"), sales).people
    assert [one.person_id for one in found] == [kept]


def test_one_who_was_erased_is_unknown_and_not_created_again_by_the_same_key(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    request = create("order-9", given_name="Amphitrite")
    her = ask(peer, request, sales).person.person_id
    assert app.post(f"{PEOPLE}/{her}/erase", {"reason": "asked"}).status_code == 200
    for again in (messages.GetPersonRequest(person_id=her), request):
        with pytest.raises(NotFound):
            ask(peer, again, sales)
    assert app.get(PEOPLE).json["items"] == []


def test_people_are_found_by_each_key_in_any_notation(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    ada = person(
        app,
        emails=[{"address": "Ada@rapport.dev"}],
        phones=[{"number": "+886912345678"}],
        external_ids=[{"system": "erp", "id": "7"}],
    )
    person(app, "Other", emails=[{"address": "other@rapport.dev"}])
    for request in (
        messages.FindPeopleRequest(email=" ada@RAPPORT.dev"),
        messages.FindPeopleRequest(phone="+886 912-345-678"),
        messages.FindPeopleRequest(external_id=ExternalId(system="erp", id="7")),
    ):
        assert [p.person_id for p in ask(peer, request, sales).people] == [ada]
    nobody = messages.FindPeopleRequest(external_id=ExternalId(system="shop", id="7"))
    assert not ask(peer, nobody, sales).people


def test_those_found_come_with_the_one_changed_last_first_and_are_bounded(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    shared = [{"address": "family@rapport.dev"}]
    one, two, three = (person(app, name, emails=shared) for name in ("A", "B", "C"))
    app.patch(f"{PEOPLE}/{one}", {"source": "fair"})
    found = ask(peer, messages.FindPeopleRequest(email="family@rapport.dev"), sales).people
    assert [p.person_id for p in found] == [one, three, two]
    request = messages.FindPeopleRequest(email="family@rapport.dev", limit=2)
    assert len(ask(peer, request, sales).people) == 2


def test_a_person_is_created_once_for_a_key(
    contacts: Contacts, peer: Peer, app: ApiClient, sales: Caller
) -> None:
    request = create(
        family_name="王",
        given_name="小明",
        emails=["Ming@RAPPORT.dev"],
        phones=["+886 912 345 678"],
        source="order",
    )
    first = ask(peer, request, sales)
    again = ask(peer, request, sales)
    assert (first.created, again.created) == (True, False)
    assert again.person == first.person
    assert first.person.display_name == "王小明"
    assert list(first.person.emails) == ["Ming@rapport.dev"]
    assert first.person.lifecycle_stage == LIFECYCLE_STAGE_LEAD
    read = ask(peer, messages.GetPersonRequest(person_id=first.person.person_id), sales)
    assert read.person == first.person
    assert app.tenant_id is not None
    assert len(contacts.facts(app.tenant_id)) == 1


def test_many_calls_at_once_with_one_key_create_one_person(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    def send(_: int) -> str | None:
        try:
            answer: messages.CreatePersonResponse = ask(peer, create(), sales)
        except Conflict as refusal:
            return refusal.code
        return answer.person.person_id

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(send, range(12)))
    (entered,) = app.get(PEOPLE).json["items"]
    assert answers <= {entered["id"], "idempotency_key_in_use"}


def test_those_who_match_are_told(peer: Peer, app: ApiClient, sales: Caller) -> None:
    known = person(app, emails=[{"address": "a@rapport.dev"}])
    answer = ask(peer, create(given_name="A", emails=["a@rapport.dev"]), sales)
    assert list(answer.candidate_person_ids) == [known]


def test_a_taken_external_id_is_refused(peer: Peer, app: ApiClient, sales: Caller) -> None:
    person(app, external_ids=[{"system": "erp", "id": "1"}])
    request = create(given_name="A", external_ids=[ExternalId(system="erp", id="1")])
    with pytest.raises(Conflict) as refusal:
        ask(peer, request, sales)
    assert refusal.value.code == "external_id_taken"


@pytest.mark.parametrize(
    ("request_of", "refusal"),
    [
        (lambda: messages.GetPersonRequest(person_id=str(uuid4())), NotFound),
        (lambda: messages.GetPersonRequest(person_id="somebody"), Invalid),
        (messages.FindPeopleRequest, Invalid),
        (lambda: messages.FindPeopleRequest(phone="12"), Invalid),
        (lambda: messages.FindPeopleRequest(email="a\x00b"), Invalid),
        (lambda: messages.FindPeopleRequest(email="a@b.dev", limit=51), Invalid),
        (lambda: create(key=""), Invalid),
        (lambda: create(source="nobody"), Invalid),
        (lambda: create(given_name="a\x00b"), Invalid),
        (lambda: create(given_name="A", emails=["nowhere"]), Invalid),
        (lambda: create(given_name="A", emails=["a@b.dev"] * 21), Invalid),
        (lambda: create(given_name="A", owner_id="me"), Invalid),
        (lambda: create(given_name="A", lifecycle_stage=99), Invalid),
    ],
)
def test_what_cannot_be_answered_is_refused(
    peer: Peer,
    app: ApiClient,
    sales: Caller,
    request_of: Callable[[], Message],
    refusal: type[DomainError],
) -> None:
    with pytest.raises(refusal):
        ask(peer, request_of(), sales)
    assert app.get(PEOPLE).json["items"] == []


def test_another_tenants_people_do_not_exist(
    contacts: Contacts, peer: Peer, app: ApiClient
) -> None:
    ada = person(app, emails=[{"address": "a@rapport.dev"}])
    stranger = service_caller("sales", contacts.new_tenant())
    with pytest.raises(NotFound):
        ask(peer, messages.GetPersonRequest(person_id=ada), stranger)
    assert not ask(peer, messages.FindPeopleRequest(email="a@rapport.dev"), stranger).people


def test_a_users_own_token_reaches_as_far_as_the_user(
    contacts: Contacts, peer: Peer, app: ApiClient
) -> None:
    me = uuid4()
    mail = [{"address": "a@rapport.dev"}]
    theirs = person(app, "Theirs", emails=mail, owner_id=str(uuid4()))
    mine = person(app, "Mine", emails=mail, owner_id=str(me))
    assert app.tenant_id is not None
    user = contacts.user_client(app.tenant_id, {"contacts.people.read": "own"}, user_id=me)
    caller = Caller(app.tenant_id, str(me), user_id=me, token=user.token)
    found = ask(peer, messages.FindPeopleRequest(email="a@rapport.dev"), caller).people
    assert [p.person_id for p in found] == [mine]
    with pytest.raises(NotFound):
        ask(peer, messages.GetPersonRequest(person_id=theirs), caller)
    with pytest.raises(Forbidden):
        ask(peer, create(), caller)


def test_services_alone_ask_whose_words_were_erased(
    peer: Peer, app: ApiClient, sales: Caller
) -> None:
    ming = person(app, emails=[{"address": "ming@shop.example"}])
    said = [
        messages.WordsOfSomebody(emails=["other@shop.example"]),
        messages.WordsOfSomebody(text="Write to Ming@shop.example."),
    ]
    request = messages.MatchErasedPersonRequest(person_id=ming, words=said)
    assert list(ask(peer, request, sales).matches) == []
    assert app.post(f"{PEOPLE}/{ming}/erase", {"reason": "asked"}).status_code == 200
    assert list(ask(peer, request, sales).matches) == [1]
    with pytest.raises(Forbidden):
        ask(peer, request, Caller(app.tenant_id, "test-app", token=app.token))
    with pytest.raises(Invalid):
        ask(peer, messages.MatchErasedPersonRequest(person_id="ming"), sales)
