"""What a message leads to arrives with it in inboxes and on devices, and leads nowhere bad (NO-1, NO-10)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.delivery.recipients import Addressee
from notifications.delivery.wiring import message_runner, provider_maker
from notifications.inbox.storage import inbox_entries
from notifications.message_links.domain import may_be_followed
from notifications.messages.domain import Content, Digest, Order, Recipient, Schedule
from notifications.secrecy import Secrecy
from notifications.settings import NotificationsSettings
from notifications.templates.rendering.renderer import Renderer
from notifications.templates.wording import TemplateWording
from services.notifications.tests.delivery.sending import SendingNotifications
from services.notifications.tests.providers.conftest import remote
from services.notifications.tests.providers.http_provider import Answer, HttpProvider
from services.notifications.tests.push.browser import Browser
from services.notifications.tests.templates.conftest import renderer

__all__ = ["remote", "renderer"]

INBOX = "/v1/notifications/inbox"
MESSAGES = "/v1/notifications/messages"
TEMPLATES = "/v1/notifications/templates"
TO_LEAD = {"title": "A lead", "text": "{{ who }} has asked.", "link": "/leads/{{ lead }}"}
LEAD = {"who": "Ming", "lead": "4711"}


@pytest.fixture
def worded(sending: SendingNotifications, renderer: Renderer) -> SendingNotifications:
    """The service whose worker renders with the tenant's own templates."""
    service = sending.harness.service
    settings = service.settings
    assert isinstance(settings, NotificationsSettings)
    secrecy = Secrecy(settings)
    providers = provider_maker(settings, secrecy, service.operations)
    templates = TemplateWording(service.operations, renderer)
    parts = (service, settings, secrecy, providers, sending.recipients, templates)
    return replace(sending, runner=message_runner(*parts))


def colleague(sending: SendingNotifications) -> UUID:
    """A user who reads entries of the inbox."""
    user_id = uuid4()
    sending.recipients.users[user_id] = Addressee(None, str(user_id), name="Clerk")
    return user_id


def template(sending: SendingNotifications, **parts: str) -> str:
    """A published template that leads to a lead; gives its path."""
    said = {"en": {**TO_LEAD, **parts}}
    variables = {
        "type": "object",
        "properties": {"who": {"type": "string"}, "lead": {"type": "string", "examples": ["/1"]}},
        "required": ["who", "lead"],
    }
    body = {
        "key": "lead_asked",
        "name": "A lead has asked",
        "variables": variables,
        "content": {"inbox": said, "push": said},
    }
    path = sending.client.post(TEMPLATES, body).headers["Location"]
    assert sending.client.post(f"{path}/publish").status_code == 200
    return path


def queued(sending: SendingNotifications, **body: Any) -> str:
    """Queue a message over HTTP; gives its id."""
    answer = sending.client.post(MESSAGES, body)
    assert answer.status_code == 201, answer.text
    found: str = answer.json["id"]
    return found


def entries(sending: SendingNotifications, user_id: UUID) -> list[Any]:
    """The inbox of a user."""
    user = sending.harness.user_client(sending.tenant_id, {}, user_id=user_id)
    found: list[Any] = user.get(INBOX).json["items"]
    return found


def pushing(sending: SendingNotifications, to: HttpProvider, **about: str) -> Browser:
    """A browser that has subscribed, of a tenant that pushes."""
    body = {
        "name": "push",
        "kind": "web_push",
        "channel": "push",
        "settings": {"contact": "mailto:crm@example.com"},
        "secrets": {},
    }
    assert sending.client.post("/v1/notifications/providers", body).status_code == 201
    browser = Browser(f"{to.url}/push/{uuid4().hex}")
    subscription = {**browser.subscription, "label": "phone", **about}
    path = "/v1/notifications/push-subscriptions"
    assert sending.client.post(path, subscription).status_code == 201
    to.begin(then=Answer(201, None))
    return browser


def test_a_templates_link_is_in_the_entry_of_the_inbox_and_in_the_preview(
    worded: SendingNotifications,
) -> None:
    path, user_id = template(worded), colleague(worded)
    preview = worded.client.post(f"{path}/preview", {"channel": "inbox", "variables": LEAD})
    assert preview.json["link"] == "/leads/4711"
    order = {"channel": "inbox", "template": "lead_asked", "variables": LEAD}
    message = queued(worded, user_id=str(user_id), **order)
    worded.work()
    (entry,) = entries(worded, user_id)
    assert (entry["title"], entry["text"]) == ("A lead", "Ming has asked.")
    assert (entry["link"], entry["message_id"]) == ("/leads/4711", message)
    assert worded.client.get(f"{MESSAGES}/{message}").json["content"]["link"] == "/leads/4711"


def test_a_templates_link_is_in_what_the_browser_gets(
    worded: SendingNotifications, remote: HttpProvider
) -> None:
    template(worded)
    person = worded.person("")
    browser = pushing(worded, remote, person_id=str(person))
    order = {"channel": "push", "template": "lead_asked", "variables": LEAD}
    queued(worded, person_id=str(person), **order)
    worded.work()
    said = browser.read(remote.asked[0].body)
    assert (said["title"], said["link"]) == ("A lead", "/leads/4711")


def test_a_variable_cannot_make_a_link_run_anything(worded: SendingNotifications) -> None:
    template(worded, link="{{ lead }}")
    user_id = colleague(worded)
    order = {"user_id": str(user_id), "channel": "inbox", "template": "lead_asked"}
    for lead in ("javascript:alert(1)", "//elsewhere.example/", "data:text/html,x"):
        message = queued(worded, **order, variables={"who": "Ming", "lead": lead})
        worded.work()
        shown = worded.shown(UUID(message))
        assert (shown["state"], shown["reason"]) == ("failed", "template_failed")
    assert entries(worded, user_id) == []


def test_what_comes_without_a_template_has_its_link_too(sending: SendingNotifications) -> None:
    user_id = colleague(sending)
    content = {"subject": "Hello", "text": "Look.", "link": "https://crm.example/a?b=1&c=2"}
    message = queued(sending, user_id=str(user_id), channel="inbox", content=content)
    again = sending.client.post(f"{MESSAGES}/{message}/cancel").json
    resent = sending.client.post(f"{MESSAGES}/{again['id']}/resend").json["id"]
    with ThreadPoolExecutor(2) as threads:
        for working in [threads.submit(sending.work) for _ in range(2)]:
            working.result()
    (entry,) = entries(sending, user_id)
    assert (entry["message_id"], entry["link"]) == (resent, content["link"])


@pytest.mark.parametrize(
    ("channel", "link", "code"),
    [
        ("inbox", "javascript:alert(1)", "link_not_followable"),
        ("inbox", "//elsewhere.example/", "link_not_followable"),
        ("push", "/\\elsewhere.example/", "link_not_followable"),
        ("push", "/\t/elsewhere.example/", "link_not_followable"),
        ("inbox", "leads/4711", "link_not_followable"),
        ("email", "https://crm.example/", "link_without_place"),
    ],
)
def test_a_link_that_leads_nowhere_good_is_refused(
    sending: SendingNotifications, channel: str, link: str, code: str
) -> None:
    content = {"subject": "Hello", "text": "Look.", "link": link}
    body = {"user_id": str(colleague(sending)), "channel": channel, "content": content}
    refused = sending.client.post(MESSAGES, body)
    assert refused.status_code == 422
    assert [(e["pointer"], e["code"]) for e in refused.json["errors"]] == [("/content/link", code)]
    batch = sending.client.post(f"{MESSAGES}/batch", {"items": [body], "atomic": False}).json
    assert batch["items"][0]["status"] == 422


def test_a_digest_names_every_link_and_leads_to_the_one_they_share(
    sending: SendingNotifications,
) -> None:
    sending.clock.set(datetime(2027, 1, 15, 4, tzinfo=UTC))
    user_id, other_id = colleague(sending), colleague(sending)
    for who, links in ((user_id, ("/leads/1", "/leads/1")), (other_id, ("/leads/1", "/leads/2"))):
        for number, link in enumerate(links):
            sending.order(_comment(who, number, link))
    sending.work()
    sending.clock.advance(days=1)
    sending.work()
    (same,) = _kept(sending, user_id)
    (various,) = _kept(sending, other_id)
    assert (same["link"], various["link"]) == ("/leads/1", "")
    assert "Text 0\n\n/leads/1" in various["text"]
    assert "Text 1\n\n/leads/2" in various["text"]


def test_a_pushed_link_is_followed_by_way_of_the_counter_where_rules_say_so(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    policy = {"channel": "push", "rules": {"track_clicks": True}}
    assert sending.client.post("/v1/notifications/policies", policy).status_code == 201
    person = sending.person("")
    browser = pushing(sending, remote, person_id=str(person))
    for link in ("https://shop.example/?a=1&b=2", "/offers", f"https://shop.example/{'x' * 1900}"):
        content = {"subject": "Hello", "text": "Look.", "link": link}
        queued(sending, person_id=str(person), channel="push", content=content)
        sending.work()
    tracked, path, long = (browser.read(asked.body)["link"] for asked in remote.asked)
    assert path == "/offers"
    assert long == link
    assert tracked.startswith("http://gateway.test/p/notifications/c/")
    led = sending.harness.anonymous().get(tracked.removeprefix("http://gateway.test"))
    assert (led.status_code, led.headers["Location"]) == (302, "https://shop.example/?a=1&b=2")


def test_a_link_that_is_too_long_for_a_push_is_left_out_and_the_words_arrive(
    sending: SendingNotifications, remote: HttpProvider
) -> None:
    person = sending.person("")
    browser = pushing(sending, remote, person_id=str(person))
    content = {"subject": "王" * 400, "text": "Look.", "link": f"/{'王' * 1900}"}
    queued(sending, person_id=str(person), channel="push", content=content)
    sending.work()
    said = browser.read(remote.asked[0].body)
    assert (said["body"], "link" in said) == ("Look.", False)


@given(st.text(alphabet="/\\ahtps:.@?#\t\n %é", max_size=12))
def test_a_path_never_leads_to_another_host(rest: str) -> None:
    link = f"/{rest}"
    if may_be_followed(link):
        # As browsers read it: backslashes are slashes, and tabs and line breaks are nothing.
        read = "".join(c for c in link.replace("\\", "/") if c not in "\t\r\n")
        assert urlsplit(urljoin("https://console.example/x", read)).netloc == "console.example"


def _comment(user_id: UUID, number: int, link: str) -> Order:
    return Order(
        Recipient(user_id=user_id),
        "inbox",
        content=Content(f"Comment {number}", f"Text {number}", link=link),
        schedule=Schedule(digest=Digest("comments", time(9))),
    )


def _kept(sending: SendingNotifications, user_id: UUID) -> list[dict[str, Any]]:
    """The inbox of a user, also when the clock is where no token is valid."""
    table = inbox_entries
    with sending.harness.service.database.tenant_transaction(sending.tenant_id) as connection:
        rows = connection.execute(table.select().where(table.c.user_id == user_id)).mappings()
        return [dict(row) for row in rows]
