"""What is decided without any server: which handler, which name, how long to wait, when to give up."""

from __future__ import annotations

import asyncio
import threading

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client
from nats.aio.msg import Msg

from chassis.domain import Conflict, Forbidden, Invalid, NotFound, Unavailable
from chassis.events.applier import understand
from chassis.events.backoff import Backoff, growing_delay
from chassis.events.broker import QuickClient
from chassis.events.delivery import Delivery, nak
from chassis.events.loop_thread import LoopThread, all_of, together
from chassis.events.patience import NoReaction, Patience
from chassis.events.reactions import Reactions, Subscription, Undecodable
from chassis.storage.database import Retryable
from services.chassis.tests.events.facts import (
    RETURNED,
    SOLD,
    ReturnedMessage,
    SoldMessage,
    message_classes,
)
from services.chassis.tests.events.world import eventually, on_sold, write_down

_HEADERS = [
    b"ce-id: a", b"ce-id:b", b"ce-id:\tc: d ", b" Name :x", b"two words: x", b"\xe4: x", b"actor: \xff", b"actor: \xe7\x8e\x8b",
    b"", b":", b"no colon", "\u00a0n: x".encode(), b"a\x1cb: x",
]  # fmt: skip


def test_a_subscription_names_its_stream_its_consumer_and_its_types() -> None:
    reactions = Reactions()
    reactions.on(SoldMessage, write_down)
    reactions.on(ReturnedMessage, write_down)
    reactions.on(ReturnedMessage, write_down, kind="projection")
    subscription = Subscription("shop", reactions)

    assert subscription.stream == "RAPPORT_SHOP"
    assert subscription.durable("after-sales") == "after-sales-shop"
    assert reactions.types == (RETURNED, SOLD)


def test_a_reaction_to_another_services_fact_is_refused() -> None:
    reactions = Reactions()
    reactions.on(SoldMessage, write_down)
    with pytest.raises(ValueError, match=f"{SOLD} is neither a fact nor a request of sales"):
        Subscription("sales", reactions)


def test_a_request_of_the_sender_can_be_reacted_to_and_no_other_services() -> None:
    [asked] = message_classes("SendLetter", package="rapport.shop.requests.v1")
    reactions = Reactions()
    reactions.on(asked, write_down)

    assert Subscription("shop", reactions).reactions.types == (
        "rapport.shop.requests.v1.SendLetter",
    )
    with pytest.raises(ValueError, match="neither a fact nor a request of office"):
        Subscription("office", reactions)


@pytest.mark.parametrize(
    "reply",
    [
        "$JS.ACK.RAPPORT_SHOP.office-shop.3.17.20.1700000000000000000.5",
        "$JS.ACK._.hash.RAPPORT_SHOP.office-shop.3.17.20.1700000000000000000.5.token",
    ],
)
def test_place_and_attempt_are_read_from_both_kinds_of_reply_subjects(reply: str) -> None:
    delivery = Delivery.of(Msg(Client(), SOLD, reply, b"x", {"ce-subject": "a"}), on_sold())

    assert (delivery.sequence, delivery.attempt, delivery.line) == (17, 3, "a")


def test_a_message_that_is_from_no_stream_is_refused() -> None:
    with pytest.raises(ValueError, match="did not come from a stream"):
        Delivery.of(Msg(Client(), SOLD, "_INBOX_office.1", b"x"), on_sold())


@given(st.lists(st.binary(max_size=12) | st.sampled_from(_HEADERS)))
def test_headers_are_read_as_the_library_reads_them(lines: list[bytes]) -> None:
    raw = b"\r\n".join(lines)
    ours, theirs = QuickClient._parse_header_lines, Client._parse_header_lines  # noqa: SLF001 - kept equal
    assert ours(raw) == theirs(raw)


def test_a_tenant_is_believed_on_the_producers_own_subjects_only() -> None:
    forged = "rapport.elsewhere.events.v1.Sold"
    message = Msg(Client(), forged, "$JS.ACK.RAPPORT_SHOP.office-shop.1.1.1.1.0", b"", {})
    with pytest.raises(Undecodable, match=f"{forged} is no subject of shop"):
        understand(Delivery.of(message, on_sold()), "office")


def test_a_delay_is_told_to_the_broker_in_nanoseconds() -> None:
    assert nak(1.5) == b'-NAK {"delay": 1500000000}'


@pytest.mark.parametrize(
    "error",
    [Invalid("no"), NotFound.of("person", 1), Forbidden("no"), Undecodable("what is this?")],
)
def test_what_a_rule_refuses_is_given_up_at_once(error: Exception) -> None:
    assert Patience().judge(error, failures=1, attempt=1).retry_after is None


@pytest.mark.parametrize(
    "error", [Unavailable("away"), Retryable("40001"), psycopg.OperationalError("gone")]
)
def test_an_outage_is_waited_out_however_long_it_takes(error: Exception) -> None:
    verdict = Patience().judge(error, failures=10_000, attempt=10_000)
    assert verdict.retry_after is not None
    assert verdict.retry_after <= 5


@pytest.mark.parametrize("error", [Conflict("busy"), KeyError("oops")])
def test_unknown_trouble_is_tried_again_a_bounded_number_of_times(error: Exception) -> None:
    patience = Patience(attempts=4, first_seconds=1, longest_seconds=60)
    verdicts = [patience.judge(error, failures, 1) for failures in range(1, 5)]

    assert [verdict.retry_after is None for verdict in verdicts] == [False, False, False, True]
    assert "failed 4 times, last with" in verdicts[-1].reason


def test_a_fact_that_only_a_newer_version_knows_waits_as_long_as_a_roll_out_takes() -> None:
    patience, error = Patience(), NoReaction("unknown type")
    pauses = [patience.judge(error, failures, 1).retry_after for failures in range(1, 360)]
    assert all(pause is not None and pause <= 5 for pause in pauses)
    assert 15 * 60 <= sum(pause or 0 for pause in pauses) <= 30 * 60
    assert patience.judge(error, 360, 1).retry_after is None


def test_pauses_double_up_to_a_bound_and_vary() -> None:
    for failures, full in ((1, 1), (2, 2), (4, 8), (20, 10), (100_000, 10)):
        delays = {growing_delay(failures, first=1, most=10) for _ in range(50)}
        assert all(min(full, 10) / 2 <= delay <= min(full, 10) for delay in delays)
        assert len(delays) > 1


def test_pauses_are_short_again_after_a_success() -> None:
    backoff = Backoff(first=1, most=100)
    longest = max(backoff.next_delay() for _ in range(5))
    backoff.reset()
    assert backoff.next_delay() <= 1 < longest


def test_work_that_fails_is_begun_anew() -> None:
    runs: list[int] = []

    async def work(stop: asyncio.Event) -> None:
        runs.append(1)
        if len(runs) < 3:
            raise OSError("away")
        await stop.wait()

    thread = LoopThread("test", work)
    thread.start()
    eventually(lambda: len(runs) == 3)
    assert thread.is_alive()
    thread.stop(5)
    assert not thread.is_alive()


def test_work_that_does_not_stop_is_cut_off() -> None:
    cut_off = threading.Event()

    async def work(_stop: asyncio.Event) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cut_off.set()

    thread = LoopThread("test", work)
    thread.start()
    thread.stop(0.1)
    assert cut_off.is_set()
    assert not thread.is_alive()


def test_the_first_to_end_ends_the_others_and_its_error_is_told() -> None:
    cancelled: list[str] = []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append("waiting")
            raise

    async def fail() -> None:
        await asyncio.sleep(0)
        raise LookupError("lost")

    async def end() -> None:
        await asyncio.sleep(0)

    asyncio.run(together(wait(), end()))
    for run in (together, all_of):
        with pytest.raises(LookupError, match="lost"):
            asyncio.run(run(wait(), fail()))
    assert cancelled == ["waiting"] * 3


def test_all_are_waited_for_when_none_fails() -> None:
    ended: list[int] = []

    async def take_turns(turns: int) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        ended.append(turns)

    asyncio.run(all_of(take_turns(1), take_turns(50)))
    assert ended == [1, 50]
