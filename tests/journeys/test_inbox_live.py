"""A colleague's inbox fills while they look at it, and a cut connection loses nothing (NO-3, NO-10)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest

from deploy.demo.colleagues import Colleague
from deploy.demo.external_app import ExternalApp

from .world import Organisation, World, soon

INBOX = "/v1/notifications/inbox"
STREAM = f"{INBOX}/stream"
RULES = "/v1/notifications/rules"
ACTIVITIES = "/v1/sales/activities"
ADDED = "rapport.notifications.events.v1.InboxEntryAdded"
PATIENCE = 30
"""Seconds that an entry may take to be told of, a reminder's own second included."""


class Listening:
    """An open stream of a colleague's inbox, as a program outside reads it."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.iter_lines()

    def next(self) -> dict[str, Any]:
        """The next event, with its `position` in the feed."""
        event: dict[str, Any] = {}
        for line in self._lines:
            name, _, value = line.partition(": ")
            if name == "id":
                event["position"] = value
            elif name == "data":
                event |= orjson.loads(value)
            elif not line and "data" in event:
                return event
        raise AssertionError("the stream has ended")

    def until_cut(self) -> None:
        """Read on until there is no connection any more."""
        try:
            for _ in self._lines:
                pass
        except httpx.TransportError:
            return


@contextmanager
def listening(by: ExternalApp, after: str | None = None) -> Iterator[Listening]:
    """Listen at the gateway, after the event with this id if there is one."""
    headers = {"Authorization": f"Bearer {by.tokens.token()}"}
    if after is not None:
        headers["Last-Event-ID"] = after
    url = by.gateway + STREAM
    with httpx.stream("GET", url, headers=headers, timeout=PATIENCE) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        yield Listening(answer)


def lets_in(reader: ExternalApp) -> bool:
    """Whether the gateway has found the streams again; a reader tries as long as it says 503."""
    headers = {"Authorization": f"Bearer {reader.tokens.token()}"}
    with httpx.stream("GET", reader.gateway + STREAM, headers=headers, timeout=PATIENCE) as answer:
        return answer.status_code == 200


@pytest.fixture
def sellers(acme: Organisation) -> tuple[Colleague, Colleague]:
    """Two who sell in a tenant with the rules that it starts with."""
    roles = {one["key"]: one["id"] for one in acme.admin.get("/v1/identity/roles")["items"]}
    soon(lambda: any(acme.admin.items(RULES)), PATIENCE, "the first rules")
    role = roles["sales_representative"]
    return acme.colleague(role), acme.colleague(role)


def to_be_reminded(colleague: Colleague) -> str:
    """Have a colleague set a reminder that is due at once; gives the activity."""
    remind_at = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    task = {"kind": "task", "subject": "Ring them up", "remind_at": remind_at}
    return str(colleague.app.post(ACTIVITIES, task)["id"])


def paths(colleague: Colleague) -> list[str]:
    """Where the entries of an inbox lead, the oldest first."""
    return [one["link"] for one in colleague.app.items(INBOX)][::-1]


def test_an_entry_that_a_rule_made_arrives_live_and_none_is_lost_when_the_stream_dies(
    world: World, sellers: tuple[Colleague, Colleague]
) -> None:
    ann, ben = sellers
    with listening(ann.app) as hears, listening(ben.app) as ben_hears:
        first = to_be_reminded(ann)
        event = hears.next()
        assert event["type"] == ADDED
        entry = ann.app.get(f"{INBOX}/{event['data']['entry_id']}")
        assert entry["title"] == "活動提醒", "in the language of the tenant"
        assert entry["link"] == f"/sales/activities/{first}"
        # What was another's was not told: the first that Ben hears of is his own.
        his = to_be_reminded(ben)
        his_entry = ben_hears.next()["data"]["entry_id"]
        assert ben.app.get(f"{INBOX}/{his_entry}")["link"] == f"/sales/activities/{his}"
        world.platform.parts["notifications-stream"].kill()
        hears.until_cut()
    missed = to_be_reminded(ann)
    soon(lambda: len(paths(ann)) > 1, PATIENCE, "an entry while nobody streams")
    world.restore()
    soon(lambda: lets_in(ann.app), PATIENCE, "the gateway lets readers in again")
    with listening(ann.app, event["position"]) as hears:
        again = hears.next()
        assert (again["type"], again["id"] != event["id"]) == (ADDED, True)
        assert ann.app.get(f"{INBOX}/{again['data']['entry_id']}")["link"].endswith(missed)
        live = to_be_reminded(ann)
        assert hears.next()["type"] == ADDED
    assert paths(ann) == [f"/sales/activities/{one}" for one in (first, missed, live)]
    with listening(ann.app, again["position"]) as hears:
        assert ann.app.get(f"{INBOX}/{hears.next()['data']['entry_id']}")["link"].endswith(live)


def test_who_is_nobody_or_an_app_has_no_inbox_to_listen_to(
    world: World, acme: Organisation
) -> None:
    anonymous = httpx.get(world.gateway + STREAM, timeout=PATIENCE)
    assert (anonymous.status_code, anonymous.json()["code"]) == (401, "token_missing")
    app = acme.app("notifications.*")
    headers = {"Authorization": f"Bearer {app.tokens.token()}"}
    refused = httpx.get(world.gateway + STREAM, headers=headers, timeout=PATIENCE)
    assert (refused.status_code, refused.json()["code"]) == (403, "user_needed")
