"""Messages of a digest go out as one, at the recipient's hour, each exactly once (NO-5)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID, uuid4

from notifications.messages.domain import Content, Digest, Order, Schedule, State
from notifications.messages.operations import queue_message, sealed_address
from notifications.transaction import NotificationsTx
from services.notifications.tests.delivery.sending import SendingNotifications

MORNING = Schedule(digest=Digest("comments", time(9)))
NOON = datetime(2027, 1, 15, 4, 0, tzinfo=UTC)  # in Taipei
NINE = datetime(2027, 1, 16, 1, 0, 1, tzinfo=UTC)


def comment(number: int) -> Content:
    """One of many."""
    return Content(f"Comment {number}", f"Text {number}", f"<body><p>Text {number}</p></body>")


def test_what_was_collected_goes_out_as_one_at_nine(sending: SendingNotifications) -> None:
    sending.clock.set(NOON)
    person, other = sending.person(), sending.person()
    queued = [
        sending.queue_to(person, content=comment(number), schedule=MORNING) for number in range(3)
    ]
    apart = sending.queue_to(person, content=comment(9), schedule=Schedule())
    alone = sending.queue_to(other, content=comment(1), schedule=MORNING)
    sending.work()
    assert [sending.shown(one)["reason"] for one in queued] == ["digest"] * 3
    assert sending.message(apart).state is State.SENT
    sending.clock.set(NINE)
    with ThreadPoolExecutor(4) as threads:
        for working in [threads.submit(sending.work) for _ in range(4)]:
            working.result()
    states = [sending.message(one).state for one in queued]
    assert sorted(states) == [State.DIGESTED, State.DIGESTED, State.SENT]
    _, digest = sending.mail_to(person)
    assert digest["subject"].endswith("(+2)")
    text = digest.get_body(("plain",)).get_content()
    html = digest.get_body(("html",)).get_content()
    for number in range(3):
        assert text.count(f"Text {number}") == 1
        assert html.count(f"<p>Text {number}</p>") == 1
    assert html.count("<body>") == 1
    assert [mail["subject"] for mail in sending.mail_to(other)] == ["Comment 1"]
    assert sending.message(alone).state is State.SENT
    carrier = queued[states.index(State.SENT)]
    into = {sending.shown(one)["digested_into"] for one in queued if one != carrier}
    assert into == {str(carrier)}
    assert sending.fact_types().count("MessageDigested") == 2


def test_what_comes_after_the_hour_goes_into_the_next_days(sending: SendingNotifications) -> None:
    sending.clock.set(NOON)
    person = sending.person()
    first = sending.queue_to(person, content=comment(1), schedule=MORNING)
    sending.work()
    sending.clock.set(NINE)
    second = sending.queue_to(person, content=comment(2), schedule=MORNING)
    sending.work()
    assert sending.message(first).state is State.SENT
    assert sending.shown(second)["due_at"] == "2027-01-17T01:00:00Z"


def test_what_goes_to_addresses_is_collected_for_each_address_apart(
    sending: SendingNotifications,
) -> None:
    """Nobody gets to read what was written to somebody else, though nobody of them is known."""

    def queued(address: str, number: int) -> UUID:
        def work(tx: NotificationsTx) -> UUID:
            to = sealed_address(tx, address)
            order = Order(to, "email", content=comment(number), schedule=MORNING)
            return queue_message(tx, order).id

        made: UUID = sending.run(work)
        return made

    sending.clock.set(NOON.replace(month=2))
    alice, bob = (f"{name}-{uuid4().hex}@example.com" for name in ("alice", "bob"))
    for address, number in ((alice, 1), (bob, 2), (alice, 3)):
        queued(address, number)
    sending.work()
    sending.clock.set(NINE.replace(month=2))
    sending.work()
    got: dict[str, list[Any]] = {one: list(sending.sink.mail_to(one)) for one in (alice, bob)}
    assert {address: len(mails) for address, mails in got.items()} == {alice: 1, bob: 1}
    said = {address: mails[0].get_body(("plain",)).get_content() for address, mails in got.items()}
    assert [f"Text {number}" in said[alice] for number in (1, 2, 3)] == [True, False, True]
    assert [f"Text {number}" in said[bob] for number in (1, 2, 3)] == [False, True, False]
