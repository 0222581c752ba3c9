"""Deliveries: signed, retried, given up, sent again; as the receiving app sees them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest

from chassis.testing.waiting import eventually
from notifications.webhooks.claims import LEASE, claim_due
from notifications.webhooks.delivery_storage import DeliveryKey
from notifications.webhooks.retries import SCHEDULE

from .conftest import PERSON_CREATED, WEBHOOKS, World, log_of, register
from .receiver import Answer


def test_a_fact_arrives_signed_as_a_cloud_event_with_its_own_id(world: World) -> None:
    tenant_id, url = uuid4(), world.receiver.path()
    client = world.client(tenant_id)
    endpoint = register(client, url)
    person_id = uuid4()
    fact_id = world.say_person(tenant_id, person_id)
    world.deliver()
    (received,) = world.receiver.at(url)
    event = received.verified(endpoint["secret"])
    assert received.id == event["id"] == str(fact_id)
    assert (event["type"], event["subject"]) == (PERSON_CREATED, str(person_id))
    assert event["data"]["person_id"] == str(person_id)
    assert received.headers["content-type"].startswith("application/cloudevents+json")
    (delivery,) = log_of(client, endpoint)
    assert (delivery["state"], delivery["attempts"], delivery["last_status"]) == (
        "delivered", 1, 200,
    )  # fmt: skip
    feed = client.get("/v1/notifications/facts").json["items"]
    assert event in feed


def test_what_is_not_wanted_and_what_happened_before_is_not_sent(world: World) -> None:
    tenant_id, url = uuid4(), world.receiver.path()
    client = world.client(tenant_id)
    world.say_person(tenant_id)
    register(client, url, types=["rapport.contacts.events.v1.Company*"])
    world.say_person(tenant_id)
    world.say_person(uuid4())
    world.deliver()
    assert world.receiver.at(url) == []


def test_a_failing_endpoint_gets_it_again_ever_later_until_it_is_given_up(world: World) -> None:
    tenant_id, url = uuid4(), world.receiver.path(Answer(500, body=b"out of order"))
    client = world.client(tenant_id)
    endpoint = register(client, url)
    fact_id = world.say_person(tenant_id)
    world.deliver()
    assert len(world.receiver.at(url)) == 1
    for attempts, wait in enumerate(SCHEDULE[:5], start=1):
        world.clock.move(wait * 0.99)
        world.deliver()
        assert len(world.receiver.at(url)) == attempts
        world.clock.move(wait * 0.22)
        world.deliver()
        assert len(world.receiver.at(url)) == attempts + 1
    for wait in SCHEDULE[5:]:
        world.clock.move(wait * 1.2)
        world.deliver()
    requests = world.receiver.at(url)
    assert len(requests) == len(SCHEDULE) + 1
    assert {request.id for request in requests} == {str(fact_id)}
    (delivery,) = log_of(client, endpoint, "state=failed")
    assert delivery["reason"] == "attempts_exhausted"
    full = client.get(f"{WEBHOOKS}/{endpoint['id']}/deliveries/{delivery['id']}").json
    assert [one["number"] for one in full["attempt_log"]] == list(range(1, 11))
    assert {(one["status"], one["body"], one["error"]) for one in full["attempt_log"]} == {
        (500, "out of order", None)
    }


def test_a_redirect_is_a_failure_and_is_not_followed(world: World) -> None:
    tenant_id, elsewhere = uuid4(), world.receiver.path()
    url = world.receiver.path(Answer(307, {"Location": elsewhere}))
    client = world.client(tenant_id)
    endpoint = register(client, url)
    world.say_person(tenant_id)
    world.deliver()
    assert world.receiver.at(elsewhere) == []
    (delivery,) = log_of(client, endpoint)
    assert (delivery["state"], delivery["last_status"]) == ("waiting", 307)


def test_an_endpoint_that_is_gone_is_disabled_at_once_and_others_hear_of_it(world: World) -> None:
    tenant_id, url = uuid4(), world.receiver.path(Answer(410))
    client = world.client(tenant_id)
    endpoint = register(client, url)
    world.say_person(tenant_id)
    world.deliver()
    shown = client.get(f"{WEBHOOKS}/{endpoint['id']}").json
    assert (shown["state"], shown["disabled_reason"]) == ("disabled", "gone")
    world.say_person(tenant_id)
    world.deliver()
    assert len(world.receiver.at(url)) == 1


def test_retry_after_is_honoured_for_the_endpoint_as_a_whole(world: World) -> None:
    tenant_id, url = uuid4(), world.receiver.path(Answer(429, {"Retry-After": "3600"}))
    endpoint = register(world.client(tenant_id), url)
    world.say_person(tenant_id)
    world.deliver()
    world.receiver.answer(url, Answer())
    world.say_person(tenant_id)
    world.move(minutes=59)
    assert len(world.receiver.at(url)) == 1
    world.move(minutes=15)
    assert len(world.receiver.at(url)) == 3
    states = {one["state"] for one in log_of(world.client(tenant_id), endpoint)}
    assert states == {"delivered"}


@pytest.mark.parametrize(
    "said", [f"Mon, 01 Jan 2035 00:00:00 +{'9' * 20}", f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT"]
)
def test_an_attempt_is_noted_whatever_time_the_endpoint_names(world: World, said: str) -> None:
    tenant_id, url = uuid4(), world.receiver.path(Answer(429, {"Retry-After": said}))
    endpoint = register(world.client(tenant_id), url)
    world.say_person(tenant_id)
    world.deliver()
    (delivery,) = log_of(world.client(tenant_id), endpoint)
    assert (delivery["state"], delivery["last_status"]) == ("waiting", 429)


@pytest.mark.parametrize(
    ("answer", "status", "error"),
    [
        (Answer(drip=True), None, "timeout"),
        (Answer(hold=threading.Event()), None, "timeout"),
        (Answer(body=b"x" * 10_000_000), 200, None),
    ],
    ids=["one byte at a time", "no answer", "ten megabytes"],
)
def test_strange_answers_cost_no_more_than_their_bounds(
    world: World, answer: Answer, status: int | None, error: str | None
) -> None:
    tenant_id, url = uuid4(), world.receiver.path(answer)
    client = world.client(tenant_id)
    endpoint = register(client, url)
    world.say_person(tenant_id)
    world.deliver()
    if answer.hold is not None:
        answer.hold.set()
    (delivery,) = log_of(client, endpoint)
    full = client.get(f"{WEBHOOKS}/{endpoint['id']}/deliveries/{delivery['id']}").json
    (attempt,) = full["attempt_log"]
    assert attempt["status"] == status
    assert len(attempt["body"]) <= 4096
    assert (attempt["error"] or "").partition(":")[0] == (error or "")
    assert full["state"] == ("delivered" if status == 200 else "waiting")


def test_a_slow_endpoint_delays_no_other(world: World) -> None:
    tenant_id, hold = uuid4(), threading.Event()
    slow, quick = world.receiver.path(Answer(hold=hold)), world.receiver.path()
    client = world.client(tenant_id)
    register(client, slow)
    register(client, quick)
    for _ in range(20):
        world.say_person(tenant_id)
    try:
        eventually(lambda: world.sender.send_due() and len(world.receiver.at(quick)) == 20)
        assert 1 <= len(world.receiver.at(slow)) <= 8
    finally:
        hold.set()
        eventually(world.sender.is_idle)


def test_five_days_without_success_disable_an_endpoint(world: World) -> None:
    tenant_id, url = uuid4(), world.receiver.path(Answer(503))
    client = world.client(tenant_id)
    endpoint = register(client, url)
    world.say_person(tenant_id)
    world.deliver()
    world.move(days=4)
    assert client.get(f"{WEBHOOKS}/{endpoint['id']}").json["state"] == "enabled"
    world.clock.move(timedelta(days=1, minutes=1))
    world.say_person(tenant_id)
    world.deliver()
    shown = client.get(f"{WEBHOOKS}/{endpoint['id']}").json
    assert (shown["state"], shown["disabled_reason"]) == ("disabled", "failing")
    world.receiver.answer(url, Answer())
    assert client.post(f"{WEBHOOKS}/{endpoint['id']}/enable").json["state"] == "enabled"
    world.move(days=2)
    assert {one["state"] for one in log_of(client, endpoint)} == {"delivered"}


def test_a_delivery_whose_worker_died_is_made_again_with_the_same_id(world: World) -> None:
    tenant_id, url = uuid4(), world.receiver.path()
    register(world.client(tenant_id), url)
    fact_id = world.say_person(tenant_id)
    claimed = claim_due(world.service.database, world.clock, 10, [])
    assert [key.id for key in claimed] == [fact_id]
    world.deliver()
    assert world.receiver.at(url) == []
    world.clock.move(LEASE)
    world.deliver()
    assert [request.id for request in world.receiver.at(url)] == [str(fact_id)]


def test_two_workers_never_take_the_same_delivery_at_once(world: World) -> None:
    tenant_id = uuid4()
    for _ in range(10):
        register(world.client(tenant_id), world.receiver.path())
    for _ in range(6):
        world.say_person(tenant_id)

    def take_all() -> list[DeliveryKey]:
        taken: list[DeliveryKey] = []
        while some := claim_due(world.service.database, world.clock, 7, []):
            taken += some
        return taken

    with ThreadPoolExecutor(4) as pool:
        workers = [pool.submit(take_all) for _ in range(4)]
    taken = [(key.endpoint_id, key.id) for one in workers for key in one.result()]
    taken += [(key.endpoint_id, key.id) for key in take_all()]
    assert len(taken) == len(set(taken))
    assert len(taken) == 60


def test_an_ordered_endpoint_gets_each_record_in_order_and_others_do_not_wait(
    world: World,
) -> None:
    tenant_id, url = uuid4(), world.receiver.path(Answer(500))
    register(world.client(tenant_id), url, ordered=True)
    anna, ben = uuid4(), uuid4()
    first, second = world.say_person(tenant_id, anna), world.say_person(tenant_id, anna)
    world.deliver()
    assert [one.id for one in world.receiver.at(url)] == [str(first)]
    world.receiver.answer(url, Answer())
    bens = world.say_person(tenant_id, ben)
    third = world.say_person(tenant_id, anna)
    world.deliver()
    assert [one.id for one in world.receiver.at(url)] == [str(first), str(bens)]
    world.move(seconds=7)
    assert [one.id for one in world.receiver.at(url)][2:] == [str(first), str(second), str(third)]
