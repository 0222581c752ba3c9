"""Apps are told of what happens: by webhook, from the feed, and by a stream through the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest

from deploy.demo.external_app import ExternalApp
from services.notifications.tests.webhooks.receiver import Answer, Receiver, running_receiver

from .world import Organisation, World, soon

WEBHOOKS = "/v1/notifications/webhooks"
FEED = "/v1/notifications/facts"
PERSON_CREATED = "rapport.contacts.events.v1.PersonCreated"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An app that receives webhooks."""
    with running_receiver() as running:
        yield running


def feed_of(app: ExternalApp) -> list[Any]:
    """All that the feed has for an app."""
    items: list[Any] = []
    query = ""
    while True:
        page = app.get(FEED + query)
        items += page["items"]
        query = f"?page_token={page['next_page_token']}"
        if not page["has_more"]:
            return items


def test_a_new_person_is_told_by_webhook_feed_and_stream_alike(
    world: World, acme: Organisation, receiver: Receiver
) -> None:
    app = acme.app("contacts.*", "notifications.*")
    url = receiver.path()
    endpoint = app.post(WEBHOOKS, {"url": url, "types": [PERSON_CREATED]})
    stream_url = f"{world.gateway}{FEED}/stream?types={PERSON_CREATED}"
    headers = {"Authorization": f"Bearer {app.tokens.token()}"}
    with httpx.stream("GET", stream_url, headers=headers, timeout=10) as stream:
        assert stream.status_code == 200
        assert "content-encoding" not in stream.headers
        lines = stream.iter_lines()
        assert next(lines) == "retry: 2000"
        person = app.post("/v1/contacts/people", {"given_name": "Anna"})
        data = next(line for line in lines if line.startswith("data: "))
    streamed = orjson.loads(data.removeprefix("data: "))
    soon(lambda: len(receiver.at(url)) == 1, 10, "the webhook was told")
    told = receiver.at(url)[0].verified(endpoint["secret"])
    assert told == streamed
    assert told["subject"] == person["id"]
    assert told in feed_of(app)


def test_a_service_killed_while_it_delivers_delivers_again_with_the_same_id(
    world: World, acme: Organisation, receiver: Receiver
) -> None:
    app = acme.app("contacts.*", "notifications.*")
    url = receiver.path(Answer(503))
    endpoint = app.post(WEBHOOKS, {"url": url, "types": [PERSON_CREATED]})
    person = app.post("/v1/contacts/people", {"given_name": "Ben"})
    soon(lambda: len(receiver.at(url)) >= 1, 10, "a first attempt")
    world.platform.parts["notifications"].kill()
    world.restore()
    receiver.answer(url, Answer())
    soon(lambda: len(receiver.at(url)) >= 2, 30, "another attempt")
    requests = receiver.at(url)
    assert {request.id for request in requests} == {requests[0].id}
    assert requests[-1].verified(endpoint["secret"])["subject"] == person["id"]
