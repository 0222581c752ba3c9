"""The feed as server-sent events: live, resumed, bounded, and under rights that may end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import orjson
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.testing.bus import Bus
from chassis.testing.harness import ServiceHarness
from chassis.testing.tokens import TestTokens
from chassis.testing.waiting import eventually
from notifications.feed.streaming import FEED_STREAM
from notifications.transaction import NotificationsTx
from rapport.identity.events.v1 import access_events_pb2

from ..feed.test_feed import PERSON_CREATED, say_company, say_person, wait_for
from ..feed.test_positions import raw_facts, store
from .conftest import Read, StreamProcess

Notifications = ServiceHarness[NotificationsTx]


def data_of(event: dict[str, str]) -> Any:
    """What an event carries."""
    return orjson.loads(event["data"])


def test_facts_come_as_they_happen_with_their_position_as_id(
    read: Read, bus: Bus, tokens: TestTokens
) -> None:
    tenant_id = uuid4()
    reader = read(FEED_STREAM, tokens.client(tenant_id, "*"))
    assert (reader.status, reader.headers["content-type"]) == (
        200, "text/event-stream; charset=utf-8",
    )  # fmt: skip
    blocks = reader.blocks()
    assert next(blocks) == {"retry": "2000"}
    people = [say_person(bus, tenant_id) for _ in range(2)]
    events = reader.events()
    found = [next(events) for _ in people]
    assert [event["id"] for event in found] == ["1", "2"]
    assert {data_of(event)["subject"] for event in found} == {str(one) for one in people}
    assert {data_of(event)["type"] for event in found} == {PERSON_CREATED}


def test_a_reader_goes_on_after_the_last_event_that_it_has_seen(
    read: Read, notifications: Notifications, tokens: TestTokens
) -> None:
    tenant_id = uuid4()
    token = tokens.client(tenant_id, "*")
    store(notifications, tenant_id, raw_facts(tenant_id, 450))
    events = read(FEED_STREAM, token, last_event_id="3").events()
    assert [next(events)["id"] for _ in range(447)] == [str(n) for n in range(4, 451)]
    by_query = read(f"{FEED_STREAM}?last_event_id=449", token).events()
    store(notifications, tenant_id, raw_facts(tenant_id, 2))
    assert [next(by_query)["id"] for _ in range(3)] == ["450", "451", "452"]
    assert [next(events)["id"] for _ in range(2)] == ["451", "452"]


def test_a_restart_ends_streams_with_a_word_and_readers_miss_nothing(
    stream: StreamProcess, read: Read, notifications: Notifications, tokens: TestTokens
) -> None:
    tenant_id = uuid4()
    token = tokens.client(tenant_id, "*")
    events = read(FEED_STREAM, token).events()
    store(notifications, tenant_id, raw_facts(tenant_id, 1))
    last_id = next(events)["id"]
    assert stream.restart() == 0
    (end,) = list(events)
    assert (end["event"], data_of(end)) == ("end", {"reason": "restarting"})
    store(notifications, tenant_id, raw_facts(tenant_id, 1))
    resumed = read(FEED_STREAM, token, last_event_id=last_id).events()
    assert next(resumed)["id"] == "2"


def test_only_wanted_types_come_and_silence_carries_the_position_along(
    read: Read, bus: Bus, tokens: TestTokens, notifications: Notifications
) -> None:
    tenant_id = uuid4()
    token = tokens.client(tenant_id, "contacts.companies.read")
    reader = read(f"{FEED_STREAM}?types=rapport.contacts.*", token)
    say_person(bus, tenant_id)
    wait_for(notifications.app_client(tenant_id), 1)
    beats = (block for block in reader.blocks() if "comment" in block)
    assert next(beat["id"] for beat in beats if beat["id"] == "1")
    company = say_company(bus, tenant_id)
    assert data_of(next(reader.events()))["subject"] == str(company)


def test_whoever_may_not_read_is_refused_with_the_reason(read: Read, tokens: TestTokens) -> None:
    tenant_id = uuid4()
    for path, token, status, code in (
        (FEED_STREAM, "no token", 401, "token_invalid"),
        (FEED_STREAM, tokens.client(tenant_id, "notifications.x.read"), 403, "permission_missing"),
        (f"{FEED_STREAM}?colour=red", tokens.client(tenant_id, "*"), 400, "unknown_parameter"),
        (f"{FEED_STREAM}?last_event_id=x", tokens.client(tenant_id, "*"), 422, "invalid_value"),
        (
            f"{FEED_STREAM}?last_event_id=7",
            tokens.client(tenant_id, "*"),
            410,
            "feed_position_gone",
        ),
        ("/v1/notifications/elsewhere", tokens.client(tenant_id, "*"), 404, "route_unknown"),
    ):
        reader = read(path, token)
        assert (reader.status, orjson.loads(reader.body())["code"]) == (status, code)


def test_a_stream_ends_when_access_is_revoked_and_when_the_token_expires(
    read: Read, bus: Bus, tokens: TestTokens
) -> None:
    tenant_id, client_id = uuid4(), str(uuid4())
    token = tokens.client(tenant_id, "*", client_id=client_id)
    reader = read(FEED_STREAM, token)
    assert next(reader.blocks())
    now = Timestamp()
    now.FromDatetime(datetime.now(UTC))
    began = datetime.now(UTC)
    bus.say(
        access_events_pb2.AccessRevoked(subject_id=client_id, not_before=now), tenant_id, uuid4()
    )
    ends = [event for event in reader.events() if event.get("event") == "end"]
    assert data_of(ends[-1]) == {"reason": "access_lost"}
    assert (datetime.now(UTC) - began).total_seconds() < 3
    soon = int(datetime.now(UTC).timestamp()) + 2
    short = tokens.sign(sub="a", client_id="a", tid=str(uuid4()), scope="*", exp=soon)
    (end,) = read(FEED_STREAM, short).events()
    assert data_of(end) == {"reason": "token_expired"}


def test_a_reader_that_does_not_read_is_cut_off_and_goes_on_later(
    stream: StreamProcess, read: Read, notifications: Notifications, tokens: TestTokens
) -> None:
    tenant_id = uuid4()
    token = tokens.client(tenant_id, "*")
    store(notifications, tenant_id, raw_facts(tenant_id, 1))
    lazy = read(FEED_STREAM, token, last_event_id="0", lazy=True)
    for _ in range(3):
        store(notifications, tenant_id, raw_facts(tenant_id, 1000))
    quick = read(FEED_STREAM, token, last_event_id="0").events()
    assert [next(quick)["id"] for _ in range(3001)][-1] == "3001"
    eventually(lambda: 'reason="too_slow"' in httpx.get(f"{stream.url}/metrics").text)
    seen = [event["id"] for event in lazy.events()]
    assert seen == [str(n) for n in range(1, len(seen) + 1)]
    assert 0 < len(seen) < 3001
    rest = read(FEED_STREAM, token, last_event_id=seen[-1]).events()
    assert next(rest)["id"] == str(len(seen) + 1)


def test_a_reader_gets_no_event_of_another_tenant(
    read: Read, notifications: Notifications, tokens: TestTokens
) -> None:
    mine, others = uuid4(), uuid4()
    events = read(FEED_STREAM, tokens.client(mine, "*")).events()
    store(notifications, others, raw_facts(others, 3))
    (own,) = raw_facts(mine, 1)
    store(notifications, mine, [own])
    first = next(events)
    assert (first["id"], data_of(first)["id"]) == ("1", str(own.envelope.id))
