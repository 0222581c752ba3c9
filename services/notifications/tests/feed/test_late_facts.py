"""Facts that arrive after their person was erased: late, again, out of order or at the same moment (CO-12)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from google.protobuf.message import Message

from chassis.events.reactions import Envelope, RawFact
from chassis.testing.waiting import eventually
from notifications.feed.operations import store_facts
from notifications.messages import following
from notifications.messages.domain import State
from notifications.rules.reactions import fire_rules
from notifications.transaction import NotificationsTx
from rapport.common.v1.external_id_pb2 import ExternalId
from rapport.contacts.events.v1.person_events_pb2 import (
    PersonCreated,
    PersonDeleted,
    PersonErased,
)
from rapport.contacts.requests.v1.send_message_pb2 import SendMessage
from services.notifications.tests.delivery.sending import SendingNotifications

MARK = "Amphitrite"
BOUND = 10


def envelope_of(sending: SendingNotifications, message: Message, about: UUID) -> Envelope:
    kind, now = message.DESCRIPTOR.full_name, sending.clock.now()
    return Envelope(uuid4(), kind, sending.tenant_id, about, 1, "user:ada", now, None)


def known(sending: SendingNotifications, person: UUID, mark: str = MARK) -> RawFact:
    """A fact that names a person."""
    fact = PersonCreated(person_id=str(person), source=f"{mark}'s party")
    fact.external_ids.append(ExternalId(system="erp", id=mark))
    return RawFact(fact.SerializeToString(), envelope_of(sending, fact, person))


def erase(sending: SendingNotifications, person: UUID, *merged: UUID) -> None:
    fact = PersonErased(person_id=str(person), merged_person_ids=map(str, merged))
    sending.run(following.on_person_erased, fact, envelope_of(sending, fact, person))


def sources(sending: SendingNotifications) -> list[str]:
    """What the feed says of where people come from, oldest first."""
    answer = sending.client.get("/v1/notifications/facts")
    assert answer.status_code == 200, answer.text
    return [item["data"]["source"] for item in answer.json["items"] if "source" in item["data"]]


def test_a_fact_that_comes_late_is_kept_without_what_names_the_person(
    sending: SendingNotifications,
) -> None:
    her, other = sending.person(), sending.person()
    late = known(sending, her)
    erase(sending, her)
    sending.run(store_facts, [late, known(sending, other, "Poseidon"), late])
    assert sources(sending) == ["", "Poseidon's party", ""]
    assert sending.rows_with(MARK) == []


def test_it_makes_no_difference_how_long_ago_the_erasure_was(sending: SendingNotifications) -> None:
    """Outboxes keep facts for thirty days, and a backup may bring older ones back."""
    her = sending.person()
    late = known(sending, her)
    erase(sending, her)
    sending.clock.advance(days=400)
    sending.run(store_facts, [late])
    assert sending.rows_with(MARK) == []


def test_whoever_was_merged_into_somebody_erased_is_erased_too(
    sending: SendingNotifications,
) -> None:
    her, merged = sending.person(), sending.person()
    erase(sending, her, merged)
    sending.run(store_facts, [known(sending, merged)])
    assert sources(sending) == [""]


def test_so_is_whoever_was_deleted_as_never_having_been_there(
    sending: SendingNotifications,
) -> None:
    her = sending.person()
    fact = PersonDeleted(person_id=str(her))
    sending.run(following.on_person_deleted, fact, envelope_of(sending, fact, her))
    sending.run(store_facts, [known(sending, her)])
    assert sources(sending) == [""]


def test_a_fact_about_another_record_that_mentions_the_person_loses_its_words_as_well(
    sending: SendingNotifications,
) -> None:
    her = sending.person()
    erase(sending, her)
    fact = known(sending, her)
    elsewhere = replace(fact, envelope=fact.envelope._replace(aggregate_id=uuid4()))
    sending.run(store_facts, [elsewhere])
    assert sources(sending) == [""]


def test_another_tenants_erasure_changes_nothing(sending: SendingNotifications) -> None:
    her = sending.person()
    erase(replace(sending, tenant_id=uuid4()), her)
    sending.run(store_facts, [known(sending, her)])
    assert sources(sending) == [f"{MARK}'s party"]


def test_a_rule_tells_users_nothing_of_somebody_erased(sending: SendingNotifications) -> None:
    her, other, clerk = sending.person(), sending.person(), uuid4()
    answer = sending.client.post(
        "/v1/notifications/rules",
        {
            "name": "New customers",
            "fact_type": PersonCreated.DESCRIPTOR.full_name,
            "template": "message",
            "channel": "inbox",
            "recipient": {"kind": "user", "field": "", "user_id": str(clerk)},
            "variables": {"subject": {"value": "New"}, "text": {"field": "source"}},
        },
    )
    assert answer.status_code == 201, answer.text
    erase(sending, her)
    sending.run(fire_rules, [known(sending, her), known(sending, other, "Poseidon")])
    assert sending.rows_with("Poseidon") != []
    assert sending.rows_with(MARK) == []


def test_a_request_that_comes_late_is_held_back_without_its_words(
    sending: SendingNotifications,
) -> None:
    her = sending.person()
    erase(sending, her)
    del sending.recipients.people[her]
    request = SendMessage()
    request.request.request_id = str(uuid4())
    request.request.person_id = str(her)
    request.request.template = "ok"
    request.request.variables.update({"what": MARK})
    sending.run(following.on_send_message, request, envelope_of(sending, request, her))
    assert sending.rows_with(MARK) == []
    sending.work()
    (message,) = sending.client.get("/v1/notifications/messages").json["items"]
    assert message["state"] == State.HELD_BACK


class Halfway:
    """Runs an operation in a thread, and keeps its transaction open until it is told to go on."""

    def __init__(self, pool: ThreadPoolExecutor, sending: SendingNotifications) -> None:
        self._pool = pool
        self._sending = sending
        self._there, self._on = threading.Event(), threading.Event()
        self._future: Future[Any] | None = None

    def run(self, operation: Callable[..., Any], *args: Any) -> None:
        """Have it do all but commit."""

        def held(tx: NotificationsTx) -> None:
            operation(tx, *args)
            tx.finish()
            self._there.set()
            assert self._on.wait(BOUND)

        self._future = self._pool.submit(self._sending.run, held)
        assert self._there.wait(BOUND)

    def go_on(self) -> None:
        """Have it commit."""
        self._on.set()
        assert self._future is not None
        self._future.result(BOUND)


def waits_for_a_lock(sending: SendingNotifications) -> bool:
    """Whether somebody in this database waits for somebody else."""
    with sending.harness.service.database.system_transaction() as connection:
        waiting = connection.execute(
            sa.text(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND database ="
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
                " OR NOT granted AND locktype = 'transactionid'"
            )
        ).scalar_one()
    return bool(waiting)


@pytest.mark.parametrize("first", ["the fact", "the erasure"])
def test_what_is_stored_while_the_person_is_erased_loses_its_words_too(
    sending: SendingNotifications, first: str
) -> None:
    her = sending.person()
    late = known(sending, her)
    fact = PersonErased(person_id=str(her))
    storing = (store_facts, [late])
    erasing = (following.on_person_erased, fact, envelope_of(sending, fact, her))
    leading, following_it = (storing, erasing) if first == "the fact" else (erasing, storing)
    with ThreadPoolExecutor(2) as pool:
        halfway = Halfway(pool, sending)
        halfway.run(*leading)
        second = pool.submit(sending.run, *following_it)
        eventually(lambda: waits_for_a_lock(sending), BOUND)
        halfway.go_on()
        second.result(BOUND)
    assert sources(sending) == [""]
    assert sending.rows_with(MARK) == []
