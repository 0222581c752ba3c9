"""What notifications answers others about what was written to a person, over a real gRPC server (CO-5)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.context import Caller, service_caller
from chassis.domain import Forbidden, Invalid
from chassis.embedded.processes import free_port
from chassis.rpc.client import Peer, Peers
from chassis.rpc.server import RpcServer
from chassis.testing.tokens import TestTokens
from notifications.delivery.pruning import message_pruning
from notifications.messages import erasure
from notifications.rpc import NOTIFICATIONS_SERVICE
from rapport.notifications.v1 import notifications_service_pb2 as messages
from rapport.notifications.v1.notifications_service_pb2_grpc import NotificationsServiceStub
from rapport.notifications.v1.recent_message_pb2 import RecentMessage
from services.notifications.tests.delivery.sending import HELLO, SendingNotifications

YEARS = timedelta(days=3650)


class OwnTokens:
    """The tokens of contacts, which outlive a clock that is moved."""

    def __init__(self, tokens: TestTokens) -> None:
        self._tokens = tokens

    def token(self, tenant_id: UUID) -> str:
        expires = int((datetime.now(UTC) + YEARS).timestamp())
        about: dict[str, Any] = {
            "sub": "contacts",
            "client_id": "contacts",
            "scope": "*",
            "svc": True,
        }
        return self._tokens.sign(tid=str(tenant_id), exp=expires, **about)

    def forget(self, tenant_id: UUID) -> None:
        raise AssertionError(f"the token for {tenant_id} was refused")


@pytest.fixture
def peer(sending: SendingNotifications, tokens: TestTokens) -> Iterator[Peer]:
    """Notifications as another service reaches it."""
    service = sending.harness.service
    listening = service.settings.model_copy(update={"grpc_port": free_port()})
    server = RpcServer(
        listening, service.authenticator, service.operations, [NOTIFICATIONS_SERVICE]
    )
    peers = Peers(OwnTokens(tokens))
    server.start()
    yield peers.at("notifications", f"127.0.0.1:{listening.grpc_port}")
    peers.close()
    server.stop(1)


def recent(peer: Peer, caller: Caller, person: UUID | str, limit: int = 0) -> list[RecentMessage]:
    """What notifications answers."""
    request = messages.ListRecentMessagesRequest(person_id=str(person), limit=limit)
    method = peer.stub(NotificationsServiceStub).ListRecentMessages
    answer: Any = peer.ask(method, request, caller, timeout=30)
    return list(answer.messages)


def contacts(sending: SendingNotifications) -> Caller:
    """Contacts, at work for the tenant."""
    return service_caller("contacts", sending.tenant_id)


def test_what_was_written_is_told_with_its_subject_the_last_first(
    peer: Peer, sending: SendingNotifications
) -> None:
    person = sending.person()
    first = sending.queue_to(person)
    sending.work()
    second = sending.queue_to(person)
    sending.queue_to(sending.person())

    waiting, went = recent(peer, contacts(sending), person)

    assert (waiting.message_id, waiting.state, waiting.subject) == (str(second), "queued", "")
    assert not waiting.HasField("sent_at")
    assert (went.message_id, went.state) == (str(first), "sent")
    assert (went.channel, went.subject) == ("email", HELLO.subject)
    assert went.purpose == sending.message(first).order.purpose
    assert went.HasField("sent_at")
    assert [one.message_id for one in recent(peer, contacts(sending), person, 1)] == [str(second)]


def test_when_the_words_are_not_kept_any_more_the_message_is_told_without_its_subject(
    peer: Peer, sending: SendingNotifications
) -> None:
    person = sending.person()
    sending.queue_to(person)
    sending.work()
    sending.clock.advance(days=31)
    service = sending.harness.service
    for work in message_pruning(service.database, sending.clock, timedelta(days=30)):
        work.run()
    (went,) = recent(peer, contacts(sending), person)
    assert (went.state, went.subject) == ("sent", "")


def test_of_somebody_who_was_erased_nothing_is_told(
    peer: Peer, sending: SendingNotifications
) -> None:
    person = sending.person()
    sending.queue_to(person)
    sending.work()
    sending.run(erasure.erase_person, person)
    assert recent(peer, contacts(sending), person) == []


def test_a_user_is_told_of_what_they_queued_themselves(
    peer: Peer, sending: SendingNotifications, tokens: TestTokens
) -> None:
    person, user = sending.person(), uuid4()
    sending.queue_to(person)
    harness = sending.harness
    role = harness.access.role(sending.tenant_id, {"notifications.messages.*": "own"})
    harness.service.directory.forget(sending.tenant_id)
    token = tokens.sign(
        tid=str(sending.tenant_id),
        sub=str(user),
        uid=str(user),
        client_id="console",
        sid=str(uuid4()),
        scope="*",
        roles=[str(role)],
    )
    seller = Caller(sending.tenant_id, str(user), token=token)
    assert recent(peer, seller, person) == []
    assert len(recent(peer, contacts(sending), person)) == 1


def test_another_tenants_messages_do_not_exist(peer: Peer, sending: SendingNotifications) -> None:
    person = sending.person()
    sending.queue_to(person)
    assert recent(peer, service_caller("contacts", uuid4()), person) == []


def test_who_may_not_read_messages_what_is_no_person_and_too_many_are_refused(
    peer: Peer, sending: SendingNotifications, tokens: TestTokens
) -> None:
    for person, limit in (("me", 0), (str(uuid4()), 51), (str(uuid4()), -1)):
        with pytest.raises(Invalid):
            recent(peer, contacts(sending), person, limit)
    token = tokens.sign(
        tid=str(sending.tenant_id), sub="app", client_id="app", scope="notifications.rules.read"
    )
    with pytest.raises(Forbidden):
        recent(peer, Caller(sending.tenant_id, "app", token=token), uuid4())


def test_messages_are_told_whole_while_more_are_queued(
    peer: Peer, sending: SendingNotifications
) -> None:
    person = sending.person()
    with ThreadPoolExecutor(2) as pool:
        queueing = pool.submit(lambda: [sending.queue_to(person) for _ in range(10)])
        seen = [len(recent(peer, contacts(sending), person)) for _ in range(10)]
        queued = queueing.result()
    assert seen == sorted(seen)
    assert {one.message_id for one in recent(peer, contacts(sending), person)} == set(
        map(str, queued)
    )
