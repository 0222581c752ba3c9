"""Consumers: each fact has its effect once, in its tenant, in the order of its aggregate, in one transaction."""

from __future__ import annotations

import threading
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from google.protobuf.descriptor_pb2 import FieldDescriptorProto
from nats.aio.client import Client
from nats.js import JetStreamContext
from prometheus_client import REGISTRY

from chassis.domain import Conflict, Invalid, Unavailable
from chassis.events.consumer import ConsumerGroup
from chassis.events.reactions import Envelope, Reactions, Subscription
from chassis.storage.unit_of_work import UnitOfWork
from chassis.telemetry.tracing import current_traceparent
from services.chassis.tests.events.facts import SOLD, Sold, SoldMessage, message_classes
from services.chassis.tests.events.world import (
    HASTY,
    OTHER_TENANT,
    TENANT,
    World,
    eventually,
    on_sold,
    write_down,
)

_TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def outcomes(outcome: str) -> float:
    labels = {"consumer": "office-shop", "type": SOLD, "outcome": outcome}
    return REGISTRY.get_sample_value("consumer_duration_seconds_count", labels) or 0.0


def test_a_fact_goes_from_one_services_commit_to_anothers_effect(world: World) -> None:
    world.relay()
    world.consumers()
    product = uuid4()
    world.shop.record(Sold(5, "with a bow"), about=product, tenant=OTHER_TENANT)

    eventually(lambda: world.office.ledger() == [5])
    rows = world.office.query("SELECT tenant_id, aggregate_id, number, note FROM ledger")
    assert rows == [(OTHER_TENANT, product, 5, "with a bow")]
    eventually(lambda: world.unsettled() == 0)


def test_the_handler_is_told_who_when_from_where_and_on_which_trace(world: World) -> None:
    seen: list[tuple[Envelope, str | None]] = []
    world.consumers(
        on_sold(lambda _tx, _message, envelope: seen.append((envelope, current_traceparent())))
    )
    product = uuid4()
    session, cause = uuid4(), uuid4()
    world.publish(
        3, about=product, traceparent=_TRACE, actor_client="till", actor_session=str(session),
        actor_address="203.0.113.9", cause=str(cause),
    )  # fmt: skip
    eventually(lambda: seen)

    [(envelope, traceparent)] = seen
    assert (envelope.type, envelope.tenant_id, envelope.aggregate_id) == (SOLD, TENANT, product)
    assert (envelope.aggregate_version, envelope.actor) == (3, "service:shop")
    assert envelope.occurred_at.isoformat() == "2026-01-02T03:04:05+00:00"
    assert (envelope.client_id, envelope.session_id) == ("till", session)
    assert (envelope.address, envelope.cause) == ("203.0.113.9", cause)
    assert traceparent is not None
    assert traceparent[3:35] == _TRACE[3:35]


def test_a_fact_that_follows_from_a_fact_carries_its_trace_and_names_it(world: World) -> None:
    def resell(tx: UnitOfWork, message: Any, envelope: Envelope) -> None:
        tx.publish(Sold(message.number), envelope.aggregate_id, 1)

    ids = [uuid4() for _ in range(3)]
    for number, event_id in enumerate(ids):
        trace = _TRACE.replace("0af7", f"0af{number}")
        world.publish(number, traceparent=trace, ce_id=str(event_id))
    world.consumers(on_sold(resell))
    eventually(lambda: world.office.unpublished() == 3)

    rows = world.office.query("SELECT traceparent, cause, actor FROM outbox ORDER BY traceparent")
    assert [row[0][3:7] for row in rows] == ["0af0", "0af1", "0af2"]
    assert [row[1] for row in rows] == ids
    assert {row[2] for row in rows} == {"service:office"}


def test_a_doubled_fact_has_its_effect_once(world: World) -> None:
    event_id = str(uuid4())
    for number in (1, 2, 3):
        # The broker knows doubles by Nats-Msg-Id; these come as after the duplicate window.
        world.publish(number, ce_id=event_id, Nats_Msg_Id=f"{event_id}-{number}")
    assert world.count() == 3
    duplicates = outcomes("duplicate")
    world.consumers()

    eventually(lambda: world.unsettled() == 0)
    assert len(world.office.ledger()) == 1
    assert outcomes("duplicate") == duplicates + 2


def test_a_fact_whose_id_is_spelled_in_another_way_is_the_same(world: World) -> None:
    world.consumers()
    event_id = str(uuid4())
    for number, spelled in enumerate((event_id, event_id.upper(), f"{{{event_id}}}")):
        world.publish(number, ce_id=spelled, Nats_Msg_Id=str(uuid4()))

    eventually(lambda: world.office.ledger() and world.unsettled() == 0)
    assert len(world.office.ledger()) == 1


def test_a_fact_that_comes_again_after_a_restart_has_no_second_effect(world: World) -> None:
    event_id = str(uuid4())
    world.publish(1, ce_id=event_id)
    first = world.consumers()
    eventually(lambda: world.unsettled() == 0)
    first.stop(5)
    world.publish(1, ce_id=event_id)
    world.publish(2)
    world.consumers()

    eventually(lambda: world.unsettled() == 0)
    assert world.office.ledger() == [1, 2]


def test_facts_of_an_aggregate_have_their_effects_in_order(world: World) -> None:
    products = [uuid4() for _ in range(5)]
    for start in range(0, 60, 10):
        for product in products:
            world.shop.record(*(Sold(n) for n in range(start, start + 10)), about=product)
    world.relay()
    world.consumers()
    eventually(lambda: len(world.office.ledger()) == 300)

    for product in products:
        rows = world.office.query(
            "SELECT number FROM ledger WHERE aggregate_id = %s ORDER BY place", product
        )
        assert [row[0] for row in rows] == list(range(60))


def test_facts_that_come_out_of_order_are_told_by_their_version(world: World) -> None:
    versions: dict[Any, int] = {}

    def keep_newest(tx: UnitOfWork, message: Any, envelope: Envelope) -> None:
        if envelope.aggregate_version > versions.get(envelope.aggregate_id, 0):
            versions[envelope.aggregate_id] = envelope.aggregate_version
            write_down(tx, message, envelope)

    product = uuid4()
    for number in (1, 3, 2):
        world.publish(number, about=product)
    world.consumers(on_sold(keep_newest))

    eventually(lambda: world.unsettled() == 0)
    assert world.office.ledger() == [1, 3]


def test_tenants_are_worked_for_in_transactions_of_their_own(world: World) -> None:
    tenants = [uuid4() for _ in range(4)]
    for number in range(40):
        world.publish(number, tenant=tenants[number % 4])
    world.consumers()
    eventually(lambda: world.unsettled() == 0)

    rows = world.office.query("SELECT tenant_id, count(*) FROM ledger GROUP BY tenant_id")
    assert dict(rows) == dict.fromkeys(tenants, 10)


def test_fields_that_were_added_later_are_tolerated(world: World) -> None:
    [newer] = message_classes("Sold", more={"colour": FieldDescriptorProto.TYPE_STRING})
    event_id = str(uuid4())
    headers = {
        "ce-id": event_id, "ce-type": SOLD, "ce-subject": event_id, "tenant-id": str(TENANT),
        "aggregate-version": "1", "actor": "service:shop", "ce-time": "2026-01-02T03:04:05.6Z",
    }  # fmt: skip
    world.publish_raw(SOLD, newer(number=8, colour="green").SerializeToString(), headers)
    world.consumers()

    eventually(lambda: world.office.ledger() == [8])


def test_a_handler_that_raises_leaves_nothing_and_is_tried_again(world: World) -> None:
    calls: list[int] = []

    def stumble(tx: UnitOfWork, message: Any, envelope: Envelope) -> None:
        write_down(tx, message, envelope)
        tx.publish(Sold(99), envelope.aggregate_id, 1)
        tx.flush()
        calls.append(message.number)
        if len(calls) < HASTY.attempts:
            raise RuntimeError("not yet")

    world.publish(1)
    retried = outcomes("retried")
    world.consumers(on_sold(stumble))
    eventually(lambda: world.unsettled() == 0)

    assert calls == [1] * HASTY.attempts
    assert world.office.ledger() == [1]
    assert world.office.query("SELECT count(*) FROM outbox") == [(1,)]
    assert world.office.query("SELECT count(*) FROM inbox") == [(1,)]
    assert outcomes("retried") == retried + HASTY.attempts - 1
    assert world.count("RAPPORT_DEAD") == 0


def test_one_that_fails_among_many_spoils_none_of_the_others(world: World) -> None:
    def refuse_seven(tx: UnitOfWork, message: Any, envelope: Envelope) -> None:
        write_down(tx, message, envelope)
        if message.number == 7:
            raise Invalid("seven is not allowed")

    for number in range(30):
        world.publish(number)
    world.consumers(on_sold(refuse_seven), threads=1)
    eventually(lambda: world.unsettled() == 0)

    assert sorted(world.office.ledger()) == [n for n in range(30) if n != 7]
    assert world.count("RAPPORT_DEAD") == 1


def test_later_facts_of_an_aggregate_wait_for_one_that_is_tried_again(world: World) -> None:
    failures: list[int] = []

    def stumble(tx: UnitOfWork, message: Any, envelope: Envelope) -> None:
        if message.number == 2 and len(failures) < 2:
            failures.append(message.number)
            raise RuntimeError("not yet")
        write_down(tx, message, envelope)

    product = uuid4()
    for number in (1, 2, 3, 4):
        world.publish(number, about=product)
    world.consumers(on_sold(stumble))
    eventually(lambda: world.unsettled() == 0)

    assert failures == [2, 2]
    assert world.office.ledger() == [1, 2, 3, 4]


@pytest.mark.parametrize("error", [Unavailable("A peer is away."), ConnectionError("reset")])
def test_what_passes_is_waited_out(world: World, error: Exception) -> None:
    is_back = threading.Event()

    def ask(tx: UnitOfWork, message: Any, envelope: Envelope) -> None:
        if not is_back.is_set():
            raise error
        write_down(tx, message, envelope)

    patience = HASTY if isinstance(error, Unavailable) else None
    world.publish(1)
    attempts = outcomes("retried")
    group = ConsumerGroup(
        world.office.operations, world.office.settings, "office", [on_sold(ask)], patience=patience
    )
    group.start()
    try:
        more_than_patience = HASTY.attempts + 2 if patience else 2
        eventually(lambda: outcomes("retried") >= attempts + more_than_patience)
        is_back.set()
        eventually(lambda: world.office.ledger() == [1])
    finally:
        group.stop(5)


def test_a_conflict_is_tried_again(world: World) -> None:
    calls: list[int] = []

    def collide(tx: UnitOfWork, message: Any, envelope: Envelope) -> None:
        calls.append(message.number)
        if len(calls) == 1:
            raise Conflict("Somebody else was faster.")
        write_down(tx, message, envelope)

    world.publish(1)
    world.consumers(on_sold(collide))
    eventually(lambda: world.office.ledger() == [1])


def test_an_effect_is_not_repeated_when_a_projection_is_reset(world: World) -> None:
    effects: list[int] = []
    reactions = Reactions()
    reactions.on(SoldMessage, lambda _tx, message, _envelope: effects.append(message.number))
    reactions.on(SoldMessage, write_down, kind="projection")
    event_id = str(uuid4())
    world.publish(1, ce_id=event_id)
    world.consumers(Subscription("shop", reactions))
    eventually(lambda: world.unsettled() == 0)

    world.office.query("DELETE FROM ledger")
    world.office.query("DELETE FROM inbox WHERE consumer = 'office-shop/projection'")
    world.publish(1, ce_id=event_id)
    eventually(lambda: world.office.ledger() == [1])

    assert effects == [1]


def test_what_is_waiting_is_measured(world: World) -> None:
    let_go = threading.Event()

    def linger(tx: UnitOfWork, _message: Any, _envelope: Envelope) -> None:
        tx.connection.execute(sa.text("SELECT 1"))
        assert let_go.wait(20)

    for number in range(600):
        world.publish(number)
    world.consumers(on_sold(linger))

    def lag() -> float | None:
        return REGISTRY.get_sample_value("consumer_pending", {"consumer": "office-shop"})

    try:
        # 512 are taken at once; the rest is still the broker's.
        eventually(lambda: lag() == 600 - 512)
    finally:
        let_go.set()


def test_stopping_finishes_what_is_begun_and_hands_back_the_rest(world: World) -> None:
    begun, let_go = threading.Event(), threading.Event()

    def linger(tx: UnitOfWork, message: Any, envelope: Envelope) -> None:
        write_down(tx, message, envelope)
        begun.set()
        assert let_go.wait(20)

    world.publish(1)
    group = world.consumers(on_sold(linger), threads=1)
    assert begun.wait(10)
    for number in (2, 3):
        world.publish(number)
    eventually(lambda: world.unsettled() == 3)
    stopping = threading.Thread(target=group.stop, args=(10,))
    stopping.start()
    let_go.set()
    stopping.join(15)
    assert not group.is_healthy()
    assert world.office.ledger() == [1]

    # Handed back, not lost until the broker's patience of half a minute has run out.
    world.consumers()
    eventually(lambda: sorted(world.office.ledger()) == [1, 2, 3])


def test_what_takes_longer_than_the_broker_waits_is_not_delivered_again(world: World) -> None:
    async def wait_shorter(js: JetStreamContext, _: Client) -> None:
        config = (await js.consumer_info("RAPPORT_SHOP", "office-shop")).config
        await js.add_consumer("RAPPORT_SHOP", config.evolve(ack_wait=0.5))

    async def deliveries(js: JetStreamContext, _: Client) -> int:
        delivered = (await js.consumer_info("RAPPORT_SHOP", "office-shop")).delivered
        return 0 if delivered is None else int(delivered.consumer_seq or 0)

    calls: list[int] = []

    def linger(tx: UnitOfWork, message: Any, envelope: Envelope) -> None:
        calls.append(message.number)
        tx.connection.execute(sa.text("SELECT pg_sleep(2)"))
        write_down(tx, message, envelope)

    world.observe(wait_shorter)
    world.publish(1)
    world.publish(2)
    world.consumers(on_sold(linger), threads=1, keep_alive_seconds=0.1)
    eventually(lambda: len(world.office.ledger()) == 2)
    eventually(lambda: world.unsettled() == 0)

    assert sorted(calls) == [1, 2]
    assert world.observe(deliveries) == 2


def test_a_group_without_a_subscription_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="needs a subscription"):
        ConsumerGroup(world.office.operations, world.office.settings, "office", [])
