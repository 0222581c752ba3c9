"""From a new person over a confirmed consent and a promotional mail to one click that ends it, and an app that is told of it all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from chassis.testing.waiting import eventually
from deploy.demo.external_app import ExternalApp
from services.notifications.tests.webhooks.receiver import Receiver, running_receiver

from .world import Organisation, World, soon

MESSAGES = "/v1/notifications/messages"
PEOPLE = "/v1/contacts/people"
_LINK = re.compile(r"https?://[^\s<>\")]+")
_ONE_CLICK = {"List-Unsubscribe": "One-Click"}
_STEPS = (
    "rapport.contacts.events.v1.PersonCreated",
    "rapport.contacts.events.v1.ConsentRequested",
    "rapport.contacts.events.v1.ConsentGranted",
    "rapport.contacts.events.v1.ConsentWithdrawn",
    "rapport.notifications.events.v1.MessageSent",
    "rapport.notifications.events.v1.MessageHeldBack",
    "rapport.notifications.events.v1.Unsubscribed",
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An app that receives webhooks."""
    with running_receiver() as running:
        yield running


def link_in(mail: EmailMessage, path: str) -> str:
    """The link of the mail's text that leads to this path."""
    part = mail.get_body(("plain",))
    assert part is not None
    links: list[str] = [link for link in _LINK.findall(part.get_content()) if path in link]
    assert links, part.get_content()
    return links[0]


@dataclass(frozen=True)
class Customer:
    """Somebody whom an app would like to write to."""

    app: ExternalApp
    world: World
    address: str
    person: str

    @classmethod
    def entered(cls, app: ExternalApp, world: World) -> Customer:
        """A new person who reads Chinese."""
        address = f"{uuid4().hex}@customers.example"
        entry = {"given_name": "小明", "family_name": "王", "language": "zh-Hant"}
        person = app.post(PEOPLE, {**entry, "emails": [{"address": address}]})["id"]
        return cls(app, world, address, person)

    @property
    def consent(self) -> str:
        """Where what they said about the newsletter is."""
        return f"{PEOPLE}/{self.person}/consents/newsletter/email"

    def consents(self) -> str:
        """Whether they want the newsletter."""
        return str(self.app.get(self.consent)["state"])

    def newsletter(self, subject: str) -> str:
        """Have a newsletter sent; gives the message's id."""
        html = "<p>Spring is <a href='https://shop.example/'>here</a>.</p>"
        content = {"subject": subject, "text": "Spring is here.", "html": html}
        body = {"person_id": self.person, "channel": "email", "purpose": "newsletter"}
        return str(self.app.post(MESSAGES, {**body, "content": content})["id"])

    def stands(self, message: str) -> tuple[str, str]:
        """How a message stands, and why."""
        shown = self.app.get(f"{MESSAGES}/{message}")
        return shown["state"], shown["reason"]

    def mails(self) -> list[EmailMessage]:
        """What the platform's mail server has taken for them, the oldest first."""
        return self.world.mails_to(self.address)

    def timeline(self) -> list[str]:
        """What happened with them, the oldest first."""
        entries = self.app.get(f"{PEOPLE}/{self.person}/timeline?sort=occurred_at")["items"]
        return [entry["kind"] for entry in entries]


def confirm(customer: Customer, mail: EmailMessage) -> None:
    """Follow the link of the mail and press the button, in the customer's language."""
    link = link_in(mail, "/p/contacts/consents/confirm")
    assert urlsplit(link).netloc == urlsplit(customer.world.gateway).netloc
    page = httpx.get(link)
    assert (page.status_code, page.headers["Content-Language"]) == (200, "zh-Hant")
    assert customer.consents() == "pending", "looking at the page confirms nothing"
    token = urlsplit(link).query.removeprefix("token=")
    assert httpx.post(link.partition("?")[0], data={"token": token}).status_code == 200


def unsubscribe(mail: EmailMessage) -> None:
    """Do what a mail program does when its button is pressed (RFC 8058)."""
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    one_click = re.search(r"<(https?://[^>]+)>", mail["List-Unsubscribe"])
    assert one_click is not None
    assert httpx.post(one_click[1], data=_ONE_CLICK).status_code in (200, 204)


def test_permission_is_asked_used_and_withdrawn_and_an_app_is_told_of_each_step(
    world: World, acme: Organisation, receiver: Receiver
) -> None:
    app, url = acme.app("contacts.*", "notifications.*"), receiver.path()
    hook = app.post("/v1/notifications/webhooks", {"url": url, "types": list(_STEPS)})
    customer = Customer.entered(app, world)
    said = app.put(customer.consent, {"state": "granted", "source": "web form"})
    assert said["state"] == "pending"

    early = customer.newsletter("too early")
    soon(lambda: customer.stands(early) == ("held_back", "no_consent"), 20, "no mail without a yes")
    confirm(customer, eventually(customer.mails)[0])
    assert customer.consents() == "granted"

    welcome = customer.newsletter("春天的消息")
    soon(lambda: customer.stands(welcome)[0] == "sent", 20, "what may be sent is sent")
    mail = eventually(lambda: customer.mails()[1:])[0]
    assert mail["Subject"] == "春天的消息"
    unsubscribe(mail)
    soon(lambda: customer.consents() == "withdrawn", 20, "contacts knows of it")

    late = customer.newsletter("too late")
    soon(lambda: customer.stands(late)[0] == "held_back", 20, "no mail after unsubscribing")
    assert customer.stands(late)[1] in ("no_consent", "suppressed")
    assert len(customer.mails()) == 2

    def told() -> list[tuple[str, str]]:
        """Type and id of what the app was told, each delivery checked by its signature."""
        facts = [one.verified(hook["secret"]) for one in receiver.at(url)]
        return [(fact["type"], fact["id"]) for fact in facts]

    soon(lambda: {kind for kind, _ in told()} == set(_STEPS), 30, "the app was told of every step")
    assert len(told()) == len(set(told())), "each fact once"
    soon(lambda: "unsubscribed" in customer.timeline(), 20, "the timeline has it")
    story = ["consent_requested", "message_sent", "consent_granted", "message_sent", "unsubscribed"]
    assert [kind for kind in customer.timeline() if kind in story] == story
