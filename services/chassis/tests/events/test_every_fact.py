"""Handlers of every fact of a producer: whatever its type, also broken ones, each once, together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.domain import Invalid
from chassis.events.provision import provision
from chassis.events.reactions import RawFact, Reactions, Subscription
from chassis.storage.unit_of_work import UnitOfWork
from services.chassis.tests.events.facts import SOLD, SoldMessage, message_classes
from services.chassis.tests.events.world import (
    OTHER_TENANT,
    TENANT,
    World,
    eventually,
    on_sold,
    write_down,
)

LENT = "rapport.shop.events.v1.Lent"
Seen = list[tuple[UUID, list[RawFact]]]


def every_fact(seen: Seen, reactions: Reactions | None = None) -> Subscription:
    """A subscription that notes the facts that come together, by their tenant."""

    def note(tx: UnitOfWork, facts: Sequence[RawFact]) -> None:
        seen.append((tx.tenant_id, list(facts)))

    reactions = reactions or Reactions()
    reactions.on_any(note)
    return Subscription("shop", reactions)


def take_all(world: World, subscription: Subscription) -> None:
    """Provision the office's consumer for what the subscription takes."""
    asyncio.run(
        provision(
            world.broker.url, "provisioner", "provisioner-password",
            service="office", consumes={"shop": subscription.types},
        )
    )  # fmt: skip


def lend(world: World, payload: bytes, tenant: UUID = TENANT, kind: str = LENT) -> str:
    """Publish a fact, of a type that nobody knows unless told otherwise; gives its id."""
    event_id = str(uuid4())
    headers = {
        "ce-id": event_id, "ce-type": kind, "ce-subject": event_id, "tenant-id": str(tenant),
        "aggregate-version": "1", "actor": "service:shop", "ce-time": "2026-01-02T03:04:05Z",
    }  # fmt: skip
    world.publish_raw(kind, payload, headers)
    return event_id


def test_whoever_wants_every_fact_takes_all_subjects_of_the_producers_facts() -> None:
    assert on_sold().types == (SOLD,)
    assert every_fact([], on_sold().reactions).types == ("rapport.shop.events.>",)


def test_a_request_is_taken_by_its_own_handler_and_is_no_fact(world: World) -> None:
    seen: Seen = []
    asked: list[int] = []
    [ask] = message_classes("Ask", package="rapport.shop.requests.v1")
    reactions = Reactions()
    reactions.on(ask, lambda _tx, message, _envelope: asked.append(message.number))
    subscription = every_fact(seen, reactions)
    assert subscription.types == ("rapport.shop.events.>", "rapport.shop.requests.v1.Ask")

    take_all(world, subscription)
    lend(world, ask(number=3).SerializeToString(), kind="rapport.shop.requests.v1.Ask")
    world.publish(1)
    world.consumers(subscription)
    eventually(lambda: world.unsettled() == 0)

    assert asked == [3]
    assert [fact.envelope.type for _, group in seen for fact in group] == [SOLD]


def test_facts_of_unknown_types_and_broken_ones_come_as_they_are(world: World) -> None:
    seen: Seen = []
    subscription = every_fact(seen)
    take_all(world, subscription)
    ids = [lend(world, b"\xff\xff"), lend(world, b"", OTHER_TENANT)]
    world.publish(7)
    world.consumers(subscription)
    eventually(lambda: world.unsettled() == 0)

    facts = {str(fact.envelope.id): (tenant, fact) for tenant, group in seen for fact in group}
    assert len(facts) == 3
    assert facts[ids[0]][0] == TENANT
    assert facts[ids[0]][1].payload == b"\xff\xff"
    assert facts[ids[1]][0] == OTHER_TENANT
    assert {fact.envelope.type for _, fact in facts.values()} == {LENT, SOLD}
    assert world.count("RAPPORT_DEAD") == 0


def test_facts_that_come_together_are_handed_over_together(world: World) -> None:
    seen: Seen = []
    subscription = every_fact(seen)
    take_all(world, subscription)
    product = uuid4()
    for number in range(1, 41):
        world.publish(number, about=product)
    world.consumers(subscription)
    eventually(lambda: world.unsettled() == 0)

    versions = [fact.envelope.aggregate_version for _, group in seen for fact in group]
    assert versions == list(range(1, 41))
    assert len(seen) < 40


def test_a_fact_has_its_own_handler_and_that_of_every_fact_once_each(world: World) -> None:
    seen: Seen = []
    subscription = every_fact(seen, on_sold(write_down).reactions)
    take_all(world, subscription)
    event_id = str(uuid4())
    for copy in (1, 2):
        world.publish(5, ce_id=event_id, Nats_Msg_Id=f"{event_id}-{copy}")
    lend(world, b"")
    world.consumers(subscription)
    eventually(lambda: world.unsettled() == 0)

    assert world.office.ledger() == [5]
    assert sorted(fact.envelope.type for _, group in seen for fact in group) == [LENT, SOLD]


def test_when_the_handler_of_every_fact_fails_nothing_has_happened(world: World) -> None:
    attempts: list[int] = []

    def fail_once(_tx: UnitOfWork, facts: Sequence[RawFact]) -> None:
        attempts.append(len(facts))
        if len(attempts) == 1:
            raise ZeroDivisionError

    reactions = on_sold(write_down).reactions
    reactions.on_any(fail_once)
    subscription = Subscription("shop", reactions)
    take_all(world, subscription)
    world.publish(5)
    world.consumers(subscription)
    eventually(lambda: world.unsettled() == 0)

    assert attempts == [1, 1]
    assert world.office.ledger() == [5]


@pytest.mark.parametrize("broken", ["payload", "envelope"])
def test_what_cannot_be_understood_is_put_aside(world: World, broken: str) -> None:
    """The payload only where a handler of the type has to read it."""
    seen: Seen = []
    subscription = every_fact(seen, on_sold(write_down).reactions)
    take_all(world, subscription)
    if broken == "payload":
        lend(world, b"\xff\xff\xff", kind=SOLD)
    else:
        world.publish(1, tenant_id="nobody")
    world.consumers(subscription)
    eventually(lambda: world.unsettled() == 0)

    assert world.count("RAPPORT_DEAD") == 1
    assert seen == []


def test_one_fact_that_is_refused_spoils_none_of_the_others(world: World) -> None:
    taken: list[int] = []

    def refuse_three(_tx: UnitOfWork, facts: Sequence[RawFact]) -> None:
        numbers: list[Any] = [SoldMessage.FromString(fact.payload).number for fact in facts]
        if 3 in numbers:
            raise Invalid("Three is not wanted.")
        taken.extend(numbers)

    reactions = Reactions()
    reactions.on_any(refuse_three)
    subscription = Subscription("shop", reactions)
    take_all(world, subscription)
    for number in range(1, 6):
        world.publish(number)
    world.consumers(subscription)
    eventually(lambda: world.unsettled() == 0)

    assert sorted(taken) == [1, 2, 4, 5]
    assert world.count("RAPPORT_DEAD") == 1
