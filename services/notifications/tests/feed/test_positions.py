"""Positions in the feed: no holes under concurrent writers, an end after 30 days, dead letters."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from chassis.context import service_caller
from chassis.events.reactions import Envelope, RawFact
from chassis.storage.scope import EVERYTHING
from chassis.testing.bus import Bus
from chassis.testing.harness import ServiceHarness
from chassis.testing.waiting import eventually
from notifications.feed import queries
from notifications.feed.domain import KEPT
from notifications.feed.operations import store_facts
from notifications.feed.pruning import prune_facts
from notifications.transaction import NotificationsTx
from rapport.contacts.events.v1 import person_events_pb2

from .test_feed import FEED, PERSON_CREATED, read_all, say_person, wait_for

Notifications = ServiceHarness[NotificationsTx]


def raw_facts(tenant_id: UUID, count: int) -> list[RawFact]:
    """Facts as a consumer hands them over."""
    facts = []
    for _ in range(count):
        person_id = uuid4()
        payload = person_events_pb2.PersonCreated(person_id=str(person_id)).SerializeToString()
        envelope = Envelope(
            id=uuid4(),
            type=PERSON_CREATED,
            tenant_id=tenant_id,
            aggregate_id=person_id,
            aggregate_version=1,
            actor="service:test",
            occurred_at=datetime.now(UTC),
            traceparent=None,
        )
        facts.append(RawFact(payload, envelope))
    return facts


def store(notifications: Notifications, tenant_id: UUID, facts: Sequence[RawFact]) -> None:
    """Store facts in one transaction, as the consumers do."""
    caller = service_caller("notifications", tenant_id)
    notifications.service.operations.run(caller, store_facts, facts)


def follow(notifications: Notifications, tenant_id: UUID, done: threading.Event) -> list[int]:
    """Read on from position to position while others write; gives what was seen, in order."""
    caller = service_caller("notifications", tenant_id)
    seen: list[int] = []
    after = 0
    while True:
        last_round = done.is_set()
        page = notifications.service.operations.read(
            caller, EVERYTHING, queries.facts_after, after, [PERSON_CREATED], 200
        )
        seen += [int(item["position"]) for item in page.items]
        after = page.position
        if last_round and not page.has_more:
            return seen


def test_readers_miss_nothing_while_several_writers_commit_at_once(
    notifications: Notifications,
) -> None:
    tenant_id, done = notifications.new_tenant(), threading.Event()
    batches = [raw_facts(tenant_id, size % 7 + 1) for size in range(60)]
    total = sum(len(batch) for batch in batches)
    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(follow, notifications, tenant_id, done) for _ in range(2)]
        writers = [pool.submit(store, notifications, tenant_id, batch) for batch in batches]
        for writer in writers:
            writer.result()
        done.set()
        for reader in readers:
            assert reader.result() == list(range(1, total + 1))


def test_facts_stay_readable_for_thirty_days_and_then_readers_are_told_to_start_anew(
    notifications: Notifications,
) -> None:
    tenant_id = notifications.new_tenant()
    client = notifications.app_client(tenant_id)
    store(notifications, tenant_id, raw_facts(tenant_id, 5))
    first = client.get(f"{FEED}?page_size=2").json["next_page_token"]
    database, now = notifications.service.database, datetime.now(UTC)
    prune_facts(database, now + timedelta(minutes=-1))
    assert len(read_all(client, token=first)[0]) == 3
    at_the_end = read_all(client)[1]
    prune_facts(database, now + KEPT)
    gone = client.get(f"{FEED}?page_token={first}")
    assert (gone.status_code, gone.json["code"]) == (410, "feed_position_gone")
    assert client.get(f"{FEED}?page_token={at_the_end}").json["items"] == []
    store(notifications, tenant_id, raw_facts(tenant_id, 1))
    assert [item["position"] for item in read_all(client, token=at_the_end)[0]] == ["6"]
    assert [item["position"] for item in read_all(client)[0]] == ["6"]


def test_a_reader_may_begin_at_a_time(notifications: Notifications) -> None:
    tenant_id = notifications.new_tenant()
    client = notifications.app_client(tenant_id)
    store(notifications, tenant_id, raw_facts(tenant_id, 3))
    between = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    store(notifications, tenant_id, raw_facts(tenant_id, 2))
    assert [item["position"] for item in read_all(client, f"since={between}")[0]] == ["4", "5"]
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    nothing, token = read_all(client, f"since={later}")
    assert nothing == []
    store(notifications, tenant_id, raw_facts(tenant_id, 1))
    assert [item["position"] for item in read_all(client, token=token)[0]] == ["6"]
    both = client.get(f"{FEED}?since={between}&page_token={token}")
    assert (both.status_code, both.json["code"]) == (400, "parameter_invalid")


def test_a_position_that_is_not_reached_yet_is_one_of_another_feed(
    notifications: Notifications,
) -> None:
    tenant_id = notifications.new_tenant()
    token = notifications.service.tokens.issue(f"facts|{tenant_id}", [7])
    answer = notifications.app_client(tenant_id).get(f"{FEED}?page_token={token}")
    assert (answer.status_code, answer.json["code"]) == (410, "feed_position_gone")


def test_what_cannot_be_understood_waits_among_the_dead_letters_and_the_rest_goes_on(
    notifications: Notifications, bus: Bus
) -> None:
    tenant_id = notifications.new_tenant()
    unknown = bus.say_raw("rapport.contacts.events.v1.PersonTeleported", b"", tenant_id, uuid4())
    broken = bus.say_raw(PERSON_CREATED, b"\xff\xff\xff", tenant_id, uuid4())
    person = say_person(bus, tenant_id)
    events = wait_for(notifications.app_client(tenant_id), 1)
    assert [event["subject"] for event in events] == [str(person)]
    eventually(lambda: len(bus.dead_letters(tenant_id)) == 2)
    reasons = dict(bus.dead_letters(tenant_id))
    assert "PersonTeleported" in reasons[str(unknown)]
    assert PERSON_CREATED in reasons[str(broken)]
