"""What is asked before a message is sent, over a real gRPC server: whom, where, and whether."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.clock import MovableClock
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
from rapport.contacts.v1 import consent_pb2
from rapport.contacts.v1 import contacts_service_pb2 as messages
from rapport.contacts.v1.contacts_service_pb2_grpc import ContactsServiceStub
from services.contacts.tests.builders import PEOPLE, person

from .conftest import Say

Contacts = ServiceHarness[ContactsTx]


class OwnTokens:
    """The tokens of notifications, as identity would issue them."""

    def __init__(self, tokens: TestTokens) -> None:
        self._tokens = tokens

    def token(self, tenant_id: UUID) -> str:
        return self._tokens.service(tenant_id, "notifications")

    def forget(self, tenant_id: UUID) -> None:
        raise AssertionError(f"the token for {tenant_id} was refused")


@pytest.fixture
def peer(timed: Contacts, tokens: TestTokens) -> Iterator[Peer]:
    """Contacts as notifications reaches it."""
    service = timed.service
    listening = service.settings.model_copy(update={"grpc_port": free_port()})
    server = RpcServer(listening, service.authenticator, service.operations, [CONTACTS_SERVICE])
    peers = Peers(OwnTokens(tokens))
    server.start()
    yield peers.at("contacts", f"127.0.0.1:{listening.grpc_port}")
    peers.close()
    server.stop(1)


@pytest.fixture
def ask(peer: Peer, app: ApiClient) -> Callable[..., Any]:
    """Asks in the tenant's name, or in another's."""

    def ask(request: Message, caller: Caller | None = None) -> Any:
        assert app.tenant_id is not None
        name = type(request).__name__.removesuffix("Request")
        method = getattr(peer.stub(ContactsServiceStub), name)
        return peer.ask(
            method, request, caller or service_caller("notifications", app.tenant_id), timeout=30
        )

    return ask


Ask = Callable[..., Any]
_GRANTED, _WITHDRAWN = consent_pb2.CONSENT_STATE_GRANTED, consent_pb2.CONSENT_STATE_WITHDRAWN


def recipient(ada: str, channel: str = "email", purpose: str = "", point: str = "") -> Message:
    return messages.GetRecipientRequest(
        person_id=ada, channel=channel, purpose=purpose, contact_point_id=point
    )


def record(ada: str, *, granted: bool = True, **more: Any) -> messages.RecordConsentRequest:
    about = {"purpose": "newsletter", "channel": "email", "source": "preference page", **more}
    return messages.RecordConsentRequest(person_id=ada, granted=granted, **about)


def test_a_recipient_is_told_with_address_consent_language_and_time_zone(
    app: ApiClient, say: Say, ask: Ask
) -> None:
    mails = [{"address": "b@rapport.dev"}, {"address": "a@rapport.dev", "primary": True}]
    ada = person(app, "Ada", emails=mails, language="zh-Hant", time_zone="Asia/Taipei")
    answer = ask(recipient(ada, purpose="newsletter"))
    assert (answer.person.person_id, answer.person.display_name) == (ada, "Ada")
    assert (answer.person.language, answer.person.time_zone) == ("zh-Hant", "Asia/Taipei")
    assert answer.contact_point.address == "a@rapport.dev"
    assert answer.contact_point.status == "unverified"
    assert (answer.promotional, answer.purpose_archived) == (True, False)
    assert answer.consent.state == consent_pb2.CONSENT_STATE_UNSPECIFIED
    assert (answer.consent.consent_id, answer.consent.channel) == ("", "email")
    say(ada, "granted", confirmed=True, proof="x")
    answer = ask(recipient(ada, purpose="newsletter"))
    assert answer.consent.state == consent_pb2.CONSENT_STATE_GRANTED
    assert answer.consent.purpose_names["zh-Hant"] == "電子報"
    other = ask(recipient(ada, purpose="service"))
    assert other.promotional is False
    plain = ask(recipient(ada))
    assert not plain.HasField("consent")


def test_each_channel_has_its_own_addresses(app: ApiClient, ask: Ask) -> None:
    ada = person(
        app,
        phones=[{"number": "+886912345678"}],
        handles=[{"network": "LINE", "handle": "U123"}, {"network": "chat", "handle": "c-9"}],
    )
    found = {
        channel: ask(recipient(ada, channel)).contact_point.address
        for channel in ("email", "sms", "line", "chat", "post", "push")
    }
    assert found == {
        "email": "",
        "sms": "+886912345678",
        "line": "U123",
        "chat": "c-9",
        "post": "",
        "push": "",
    }
    assert not ask(recipient(ada, "email")).HasField("contact_point")


def test_a_contact_point_keeps_its_id_as_long_as_the_address_is_the_same(
    app: ApiClient, ask: Ask
) -> None:
    ada = person(app, emails=[{"address": "a@rapport.dev"}])
    first = ask(recipient(ada)).contact_point
    second = {"address": "b@rapport.dev", "primary": True}
    app.patch(f"{PEOPLE}/{ada}", {"emails": [{"address": "A@Rapport.dev"}, second]})
    again = ask(recipient(ada, point=first.contact_point_id)).contact_point
    assert again.contact_point_id == first.contact_point_id
    assert again.address.lower() == "a@rapport.dev"
    app.patch(f"{PEOPLE}/{ada}", {"emails": [second]})
    gone = ask(recipient(ada, point=first.contact_point_id))
    assert not gone.HasField("contact_point")


def test_all_that_a_person_could_say_is_listed(app: ApiClient, say: Say, ask: Ask) -> None:
    ada = person(app, emails=[{"address": "a@rapport.dev"}], language="en")
    say(ada, "withdrawn", "offers", channel="post")
    say(ada, "granted", "newsletter")
    answer = ask(messages.ListConsentsRequest(person_id=ada))
    assert answer.language == "en"
    assert [(c.purpose, c.channel, c.state) for c in answer.consents] == [
        ("newsletter", "email", consent_pb2.CONSENT_STATE_PENDING),
        ("offers", "email", consent_pb2.CONSENT_STATE_UNSPECIFIED),
        ("offers", "post", consent_pb2.CONSENT_STATE_WITHDRAWN),
    ]
    (offers,) = app.get("/v1/contacts/purposes?key=offers").json["items"]
    app.delete(f"/v1/contacts/purposes/{offers['id']}")
    answer = ask(messages.ListConsentsRequest(person_id=ada))
    assert [c.purpose for c in answer.consents] == ["newsletter"]


def test_what_is_said_on_the_page_of_a_message_counts_at_once(
    timed: Contacts, app: ApiClient, ask: Ask
) -> None:
    ada = person(app, emails=[{"address": "a@rapport.dev"}])
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ask(record(ada, proof="message 1")), range(4)))
    assert {a.consent.state for a in answers} == {consent_pb2.CONSENT_STATE_GRANTED}
    assert len({a.consent.consent_id for a in answers}) == 1
    no = ask(record(ada, granted=False, proof="message 2"))
    assert no.consent.state == consent_pb2.CONSENT_STATE_WITHDRAWN
    assert app.tenant_id is not None
    told = [kind.rpartition(".")[2] for kind, _ in timed.facts(app.tenant_id)]
    assert told == ["PersonCreated", "ConsentGranted", "ConsentWithdrawn"]


def test_an_older_saying_is_answered_with_what_counts(
    app: ApiClient, ask: Ask, clock: MovableClock
) -> None:
    ada = person(app, emails=[{"address": "a@rapport.dev"}])
    ask(record(ada, granted=False))
    said_at = Timestamp()
    said_at.FromDatetime(clock.now() - timedelta(days=1))
    late = ask(record(ada, said_at=said_at))
    assert late.consent.state == consent_pb2.CONSENT_STATE_WITHDRAWN


def test_a_yes_that_is_only_repeated_takes_no_later_no_back(app: ApiClient, ask: Ask) -> None:
    ada = person(app, emails=[{"address": "a@rapport.dev"}])
    yes = record(ada, proof="message 1", idempotency_key="page-1")
    first = ask(yes)
    ask(record(ada, granted=False, proof="message 2", idempotency_key="page-2"))
    assert ask(yes) == first
    assert ask(recipient(ada, purpose="newsletter")).consent.state == _WITHDRAWN
    history = f"{PEOPLE}/{ada}/consents/newsletter/email/history"
    assert [one["word"] for one in app.get(history).json["items"]] == ["withdrawn", "granted"]


def test_an_older_saying_is_noted_once_for_a_key(
    app: ApiClient, ask: Ask, clock: MovableClock
) -> None:
    ada = person(app, emails=[{"address": "a@rapport.dev"}])
    ask(record(ada, granted=False))
    said_at = Timestamp()
    said_at.FromDatetime(clock.now() - timedelta(days=1))
    late = record(ada, said_at=said_at, idempotency_key="lead-1")

    def send(_: int) -> str:
        try:
            ask(late)
        except Conflict as refusal:
            return refusal.code
        return ""

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(send, range(8))) <= {"", "idempotency_key_in_use"}
    assert send(0) == ""
    history = f"{PEOPLE}/{ada}/consents/newsletter/email/history"
    assert [one["word"] for one in app.get(history).json["items"]].count("granted") == 1


def test_a_key_of_another_saying_and_one_that_is_too_long_are_refused(
    app: ApiClient, ask: Ask
) -> None:
    ada = person(app, emails=[{"address": "a@rapport.dev"}])
    ask(record(ada, idempotency_key="page-1"))
    for key, code in (("page-1", "idempotency_key_reused"), ("x" * 256, "idempotency_key_invalid")):
        with pytest.raises(Invalid) as refusal:
            ask(record(ada, granted=False, idempotency_key=key))
        assert refusal.value.code == code
    assert ask(recipient(ada, purpose="newsletter")).consent.state == _GRANTED


def test_a_saying_is_not_answered_again_once_its_person_is_erased(app: ApiClient, ask: Ask) -> None:
    ada = person(app, emails=[{"address": "a@rapport.dev"}])
    yes = record(ada, idempotency_key="page-1")
    ask(yes)
    assert app.post(f"{PEOPLE}/{ada}/erase", {"reason": "asked by letter"}).status_code < 300
    with pytest.raises(NotFound):
        ask(yes)


@pytest.mark.parametrize(
    ("request_of", "refusal"),
    [
        (lambda _: recipient(str(uuid4())), NotFound),
        (lambda _: recipient("somebody"), Invalid),
        (lambda ada: recipient(ada, purpose="nothing"), NotFound),
        (lambda ada: recipient(ada, purpose="a\x00b"), Invalid),
        (lambda ada: recipient(ada, point="here"), Invalid),
        (lambda _: messages.ListConsentsRequest(person_id=str(uuid4())), NotFound),
        (lambda ada: record(ada, purpose="nothing"), NotFound),
        (lambda ada: record(ada, channel="smoke"), Invalid),
        (lambda ada: record(ada, channel="post"), Invalid),
        (lambda ada: record(ada, source=""), Invalid),
        (lambda ada: record(ada, proof="x" * 501), Invalid),
        (lambda ada: record(ada, proof="a\x00b"), Invalid),
        (lambda ada: record(ada, said_at=Timestamp(seconds=10**18)), Invalid),
        (lambda ada: record(ada, said_at=Timestamp(seconds=10**11)), Invalid),
    ],
)
def test_what_cannot_be_answered_is_refused(
    app: ApiClient, ask: Ask, request_of: Callable[[str], Message], refusal: type[DomainError]
) -> None:
    ada = person(app)
    with pytest.raises(refusal):
        ask(request_of(ada))
    assert app.get("/v1/contacts/consents").json["items"] == []


def test_an_archived_purpose_takes_a_no_only(app: ApiClient, ask: Ask) -> None:
    ada = person(app, emails=[{"address": "a@rapport.dev"}])
    (found,) = app.get("/v1/contacts/purposes?key=newsletter").json["items"]
    app.delete(f"/v1/contacts/purposes/{found['id']}")
    assert ask(recipient(ada, purpose="newsletter")).purpose_archived
    with pytest.raises(Conflict):
        ask(record(ada))
    withdrawn = ask(record(ada, granted=False)).consent
    assert withdrawn.state == consent_pb2.CONSENT_STATE_WITHDRAWN


def test_another_tenants_people_have_said_nothing(
    timed: Contacts, app: ApiClient, ask: Ask
) -> None:
    ada = person(app, emails=[{"address": "a@rapport.dev"}])
    stranger = service_caller("notifications", timed.new_tenant())
    for request in (recipient(ada), messages.ListConsentsRequest(person_id=ada), record(ada)):
        with pytest.raises(NotFound):
            ask(request, stranger)


def test_a_users_token_needs_both_permissions_and_reach(
    timed: Contacts, app: ApiClient, ask: Ask
) -> None:
    me = uuid4()
    mine, theirs = person(app, owner_id=str(me)), person(app, owner_id=str(uuid4()))
    assert app.tenant_id is not None

    def caller(grants: dict[str, str]) -> Caller:
        assert app.tenant_id is not None
        user = timed.user_client(app.tenant_id, grants, user_id=me)
        return Caller(app.tenant_id, str(me), user_id=me, token=user.token)

    both = caller({"contacts.consents.read": "all", "contacts.people.read": "own"})
    assert ask(recipient(mine), both).person.person_id == mine
    with pytest.raises(NotFound):
        ask(recipient(theirs), both)
    with pytest.raises(NotFound):
        ask(recipient(mine), caller({"contacts.consents.read": "all"}))
    with pytest.raises(Forbidden):
        ask(recipient(mine), caller({"contacts.people.read": "all"}))


def test_what_the_address_has_not_said_itself_waits_for_it_to_confirm(
    app: ApiClient, ask: Ask
) -> None:
    ada = person(app, "Ada", emails=[{"address": "a@rapport.dev"}])
    said = ask(record(ada, to_confirm=True, source="web form")).consent
    assert said.state == consent_pb2.CONSENT_STATE_PENDING
    told = ask(record(ada)).consent
    assert told.state == consent_pb2.CONSENT_STATE_GRANTED
    nowhere = person(app, "Bob")
    with pytest.raises(Conflict) as refusal:
        ask(record(nowhere, to_confirm=True))
    assert refusal.value.code == "unreachable"
