"""Facts that are hopeless: put aside with the reason, before the broker is told to forget them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext

from chassis.domain import Forbidden, Invalid
from chassis.events.reactions import Envelope
from chassis.storage.unit_of_work import UnitOfWork
from services.chassis.tests.events.facts import SOLD, SoldMessage
from services.chassis.tests.events.world import HASTY, TENANT, World, eventually, on_sold


def one_dead_letter(world: World) -> Any:
    eventually(lambda: world.unsettled() == 0)
    [letter] = world.published("RAPPORT_DEAD")
    return letter


def refuse(_tx: UnitOfWork, message: Any, _envelope: Envelope) -> None:
    if message.number == 13:
        raise Invalid("Thirteen\nis not sold here.", code="unlucky")


def test_what_a_rule_refuses_is_put_aside_with_the_reason_and_the_facts_own_headers(
    world: World,
) -> None:
    product, event_id = uuid4(), str(uuid4())
    world.publish(13, about=product, ce_id=event_id, Nats_Msg_Id=event_id)
    world.publish(14, about=product)
    world.consumers(on_sold(refuse))
    letter = one_dead_letter(world)

    assert letter.subject == f"rapport.office.dead.v1.{SOLD}"
    assert SoldMessage.FromString(letter.data).number == 13
    headers = dict(letter.headers)
    assert headers.pop("dead-at").startswith("20")
    assert headers == {
        "Nats-Msg-Id": "office-shop:RAPPORT_SHOP:1",
        "ce-id": event_id,
        "ce-type": SOLD,
        "ce-source": "rapport.shop",
        "ce-subject": str(product),
        "ce-time": "2026-01-02T03:04:05Z",
        "tenant-id": str(TENANT),
        "aggregate-version": "13",
        "actor": "service:shop",
        "dead-consumer": "office-shop",
        "dead-reason": "unlucky: Thirteen is not sold here.",
        "dead-from": "RAPPORT_SHOP:1",
        "dead-attempts": "1",
    }
    # Only what had its effect is in the inbox, so that a dead letter can be replayed.
    assert world.office.query("SELECT count(*) FROM inbox WHERE event_id = %s", event_id) == [(0,)]


def test_what_fails_for_unknown_reasons_is_put_aside_after_some_deliveries(world: World) -> None:
    calls: list[int] = []

    def fail(_tx: UnitOfWork, message: Any, _envelope: Envelope) -> None:
        calls.append(message.number)
        raise ZeroDivisionError("division by zero")

    world.publish(1)
    world.consumers(on_sold(fail))
    letter = one_dead_letter(world)

    assert calls == [1] * HASTY.attempts
    reason = f"failed {HASTY.attempts} times, last with ZeroDivisionError: division by zero"
    assert letter.headers["dead-reason"] == reason
    assert letter.headers["dead-attempts"] == str(HASTY.attempts)
    assert world.office.query("SELECT count(*) FROM inbox") == [(0,)]


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"ce_id": None}, "Undecodable: the header ce-id is missing"),
        ({"ce_id": "seven"}, "Undecodable: the header ce-id is 'seven'"),
        ({"tenant_id": None}, "Undecodable: the header tenant-id is missing"),
        ({"tenant_id": "me"}, "Undecodable: the header tenant-id is 'me'"),
        ({"ce_subject": ""}, "Undecodable: the header ce-subject is ''"),
        ({"aggregate_version": "x"}, "Undecodable: the header aggregate-version is 'x'"),
        ({"ce_time": "noon"}, "Undecodable: the header ce-time is 'noon'"),
        (
            {"ce_time": "2026-01-02T03:04:05"},
            "Undecodable: the header ce-time is '2026-01-02T03:04:05'",
        ),
        ({"actor": None}, "Undecodable: the header actor is missing"),
        ({"actor_session": "me"}, "Undecodable: the header actor-session is 'me'"),
        (
            {"ce_type": "rapport.x.Y"},
            f"Undecodable: ce-type is 'rapport.x.Y' on the subject {SOLD}",
        ),
    ],
)
def test_a_broken_envelope_is_put_aside_at_once(
    world: World, headers: dict[str, Any], reason: str
) -> None:
    world.publish(1, **headers)
    world.publish(2)
    world.consumers()
    letter = one_dead_letter(world)

    assert letter.headers["dead-reason"] == reason
    assert letter.headers["dead-attempts"] == "1"
    assert world.office.ledger() == [2]


def test_a_message_without_any_headers_is_put_aside(world: World) -> None:
    async def publish(js: JetStreamContext, _: Client) -> None:
        await js.publish(SOLD, b"")

    world.observe(publish)
    world.consumers()

    assert one_dead_letter(world).headers["dead-reason"].startswith("Undecodable: ce-type is None")


def test_an_undecodable_payload_is_put_aside_and_left_where_it_is(world: World) -> None:
    event_id = str(uuid4())
    headers = {
        "ce-id": event_id, "ce-type": SOLD, "ce-subject": event_id, "tenant-id": str(TENANT),
        "aggregate-version": "1", "actor": "service:shop", "ce-time": "2026-01-02T03:04:05Z",
    }  # fmt: skip
    world.publish_raw(SOLD, b"\xff\xff\xff\xff", headers)
    world.consumers()
    letter = one_dead_letter(world)

    assert letter.headers["dead-reason"].startswith(f"Undecodable: no {SOLD}: ")
    # Nobody can say whether it names a person, so it is not kept a second time.
    assert letter.data == b""
    assert letter.headers["dead-content"] == "without what is personal"
    assert letter.headers["dead-from"] == "RAPPORT_SHOP:1"


def test_a_fact_as_large_as_can_be_is_put_aside_without_its_content(world: World) -> None:
    event_id = str(uuid4())
    headers = {
        "ce-id": event_id, "ce-type": SOLD, "ce-subject": event_id, "tenant-id": str(TENANT),
        "aggregate-version": "1", "actor": "service:shop", "ce-time": "2026-01-02T03:04:05Z",
    }  # fmt: skip
    payload = SoldMessage(number=13, note="x" * 1_048_150).SerializeToString()
    world.publish_raw(SOLD, payload, headers)
    group = world.consumers(on_sold(refuse))
    letter = one_dead_letter(world)

    assert letter.data == b""
    assert letter.headers["dead-content"] == "too large, left where it was"
    assert letter.headers["dead-from"] == "RAPPORT_SHOP:1"
    assert group.is_healthy()


def test_a_fact_is_not_let_go_of_before_its_dead_letter_is_stored(world: World) -> None:
    async def delete(js: JetStreamContext, _: Client) -> None:
        await js.delete_stream("RAPPORT_DEAD")

    calls: list[int] = []

    def forbid(_tx: UnitOfWork, message: Any, _envelope: Envelope) -> None:
        calls.append(message.number)
        raise Forbidden("Not for you.")

    world.observe(delete)
    world.publish(1)
    world.consumers(on_sold(forbid))
    eventually(lambda: len(calls) >= 3)
    assert world.unsettled() == 1
    world.provision()

    assert one_dead_letter(world).headers["dead-reason"] == "forbidden: Not for you."


def test_a_type_without_a_reaction_waits_for_a_version_that_has_one(world: World) -> None:
    async def widen(js: JetStreamContext, _: Client) -> None:
        config = (await js.consumer_info("RAPPORT_SHOP", "office-shop")).config
        await js.add_consumer(
            "RAPPORT_SHOP", config.evolve(filter_subjects=["rapport.shop.events.>"])
        )

    world.observe(widen)
    event_id, subject = str(uuid4()), "rapport.shop.events.v1.Lent"
    headers = {
        "ce-id": event_id, "ce-type": subject, "ce-subject": event_id, "tenant-id": str(TENANT),
        "aggregate-version": "1", "actor": "service:shop", "ce-time": "2026-01-02T03:04:05Z",
    }  # fmt: skip
    world.publish_raw(subject, b"", headers)
    world.consumers()
    letter = one_dead_letter(world)

    assert letter.headers["dead-attempts"] == str(HASTY.unknown_attempts)
    assert f"there is no reaction to {subject}" in letter.headers["dead-reason"]
