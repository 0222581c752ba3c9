"""Rules of notifications act on what happens in sales: customers get mails, colleagues get entries in their inboxes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from deploy.demo.external_app import ExternalApp
from deploy.demo.selling.definitions import BASE_CURRENCY
from deploy.demo.selling.house import open_house
from deploy.demo.selling.sale import ACTIVITIES, ORDERS, Sale
from deploy.demo.selling.visitor import Visitor

from .world import World, soon

INBOX = "/v1/notifications/inbox"
PEOPLE = "/v1/contacts/people"
RULES = "/v1/notifications/rules"
TEMPLATES = "/v1/notifications/templates"
PATIENCE = 20
"""Seconds that a fact may take to be told."""

_MENTIONED, _REMINDED = "You were mentioned", "It is time"
_DELIVERED_TEMPLATE: dict[str, Any] = {
    "key": "order_delivered",
    "name": "An order was handed over",
    "variables": {
        "type": "object",
        "properties": {"number": {"type": "string"}},
        "required": ["number"],
    },
    "content": {
        "email": {
            "en": {"subject": "Delivered: {{ number }}", "text": "Enjoy your machines."},
            "zh-Hant": {"subject": "已交貨：{{ number }}", "text": "祝您使用愉快。"},
        }
    },
}
_DELIVERED_RULE: dict[str, Any] = {
    "name": "Tell customers that their order was delivered",
    "fact_type": "rapport.sales.events.v1.OrderDelivered",
    "template": _DELIVERED_TEMPLATE["key"],
    "channel": "email",
    "variables": {"number": {"field": "order.number"}},
    "once_per": "fact",
}
_MENTIONED_RULE: dict[str, Any] = {
    "name": "Tell colleagues that they were mentioned",
    "fact_type": "rapport.sales.events.v1.ColleagueMentioned",
    "template": "message",
    "channel": "inbox",
    "recipient": {"kind": "user", "field": "user_id"},
    "variables": {"subject": {"value": _MENTIONED}, "text": {"field": "comment_id"}},
}
_REMINDED_RULE: dict[str, Any] = {
    "name": "Remind owners of what they have to do",
    "fact_type": "rapport.sales.events.v1.ActivityReminderReached",
    "template": "message",
    "channel": "inbox",
    "recipient": {"kind": "user", "field": "activity.owner_id"},
    "variables": {"subject": {"value": _REMINDED}, "text": {"field": "activity_id"}},
    # Whoever sets a reminder to another time is reminded again.
    "once_per": "fact",
}
_SPARE_PARTS: dict[str, Any] = {
    "currency": BASE_CURRENCY,
    "lines": [{"name": "Gaskets", "unit_price": "500"}],
    "confirmed": True,
}


@dataclass(frozen=True, slots=True)
class Hearing:
    """A sale in a house with rules, and what its people have heard of it."""

    world: World
    sale: Sale

    def customer_was_told_of(self, number: str) -> list[EmailMessage]:
        """The mails about the delivery of an order."""
        person = self.sale.seller.get(f"{PEOPLE}/{self.sale.ids['person']}")
        mails = self.world.mails_to(person["emails"][0]["address"])
        return [mail for mail in mails if mail["Subject"] == f"已交貨：{number}"]

    def timeline(self) -> list[str]:
        """What the representative sees that happened with the customer, the oldest first."""
        path = f"{PEOPLE}/{self.sale.ids['person']}/timeline"
        return [one["kind"] for one in self.sale.seller.items(path, sort="occurred_at")]


@pytest.fixture(scope="module")
def hearing(world: World) -> Hearing:
    """Two machines that were sold and handed over, where everybody is told."""
    house = open_house(world.organisation().admin)
    template = house.admin.post(TEMPLATES, _DELIVERED_TEMPLATE)
    house.admin.post(f"{TEMPLATES}/{template['id']}/publish")
    _begin_without_rules(house.admin)
    for rule in (_DELIVERED_RULE, _MENTIONED_RULE, _REMINDED_RULE):
        house.admin.post(RULES, rule)
    sold = Sale(house, Visitor(world.gateway))
    for step in (sold.captured, sold.call, sold.qualify, sold.convert):
        step()
    sold.involve("decider")
    sold.move("offer")
    quote = sold.offer(2, "18", "grinder", "filter")
    sold.approve()
    sold.expect(quote["net"])
    assert sold.customer.accept(sold.send(), "王小明") == 200
    sold.deliver()
    return Hearing(world, sold)


def _begin_without_rules(admin: ExternalApp) -> None:
    """Remove the rules that every tenant starts with: this house words its own."""
    soon(lambda: any(admin.items(RULES)), PATIENCE, "the first rules")
    for rule in list(admin.items(RULES)):
        admin.delete(f"{RULES}/{rule['id']}")


def told(by: ExternalApp, title: str) -> list[str]:
    """What an inbox says under a title, the oldest first."""
    return [one["text"] for one in by.items(INBOX) if one["title"] == title][::-1]


def test_a_customer_gets_one_mail_for_each_delivery(hearing: Hearing) -> None:
    sale = hearing.sale
    order = sale.seller.get(f"{ORDERS}/{sale.ids['order']}")
    again = sale.seller.ask("POST", f"{ORDERS}/{order['id']}/deliver", json={})
    assert (again.status, again.json["code"]) == (422, "invalid_value"), "nothing is left"
    # Another order after it: once its mail is there, a second one for the first would be as well.
    later = sale.seller.post(ORDERS, {**_SPARE_PARTS, "person_id": sale.ids["person"]})
    path = f"{ORDERS}/{later['id']}/deliver"
    handed_over = sale.seller.post(path, {}, key="handed-over")
    assert sale.seller.post(path, {}, key="handed-over") == handed_over
    numbers = (order["number"], later["number"])
    soon(lambda: all(map(hearing.customer_was_told_of, numbers)), PATIENCE, "mails about both")
    for number in numbers:
        (mail,) = hearing.customer_was_told_of(number)
        assert "List-Unsubscribe" not in mail, "what is transactional cannot be unsubscribed from"


def test_what_was_sold_is_in_the_timeline_of_whom_it_was_sold_to(hearing: Hearing) -> None:
    story = ["lead_converted", "order_placed", "order_delivered"]
    soon(lambda: set(story) <= set(hearing.timeline()), PATIENCE, "the timeline has it")
    first = [hearing.timeline().index(kind) for kind in story]
    assert first == sorted(first), "in the order in which it happened"


def test_whoever_is_mentioned_finds_it_in_the_inbox_once_for_each_comment(hearing: Hearing) -> None:
    sale, manager = hearing.sale, hearing.sale.house.manager
    comments = f"{sale.opportunity}/comments"
    sale.seller.put(f"{sale.opportunity}/members/{manager.id}", {"role": "sponsor"})
    said = {"text": "They want a third machine.", "mentions": [manager.id]}
    first = sale.seller.post(comments, said)["id"]
    soon(lambda: first in told(manager.app, _MENTIONED), PATIENCE, "the manager is told")
    sale.seller.put(f"{comments}/{first}", {**said, "text": "They want a fourth one."})
    second = sale.seller.post(comments, {**said, "text": "And spare parts."})["id"]
    soon(lambda: second in told(manager.app, _MENTIONED), PATIENCE, "told of the second comment")
    assert told(manager.app, _MENTIONED) == [first, second]
    assert manager.app.get(f"{INBOX}/unread-count")["unread"] == 2
    assert told(sale.seller, _MENTIONED) == [], "who was not mentioned is not told"
    entry = next(manager.app.items(INBOX))
    for other in (sale.seller, sale.house.admin):
        assert other.ask("GET", f"{INBOX}/{entry['id']}").status == 404


def test_owners_are_reminded_of_an_activity_once_for_each_time_it_is_set_to(
    hearing: Hearing,
) -> None:
    seller = hearing.sale.seller
    task = {"kind": "task", "subject": "Ring them up", "lead_id": hearing.sale.ids["lead"]}
    first = seller.post(ACTIVITIES, {**task, "remind_at": _in_a_second()})["id"]
    soon(lambda: first in told(seller, _REMINDED), PATIENCE, "the representative is reminded")
    seller.patch(f"{ACTIVITIES}/{first}", {"subject": "Ring them up again"})
    second = seller.post(ACTIVITIES, {**task, "remind_at": _in_a_second()})["id"]
    soon(lambda: second in told(seller, _REMINDED), PATIENCE, "reminded of the next one")
    assert told(seller, _REMINDED) == [first, second]
    seller.patch(f"{ACTIVITIES}/{first}", {"remind_at": _in_a_second()})
    soon(lambda: len(told(seller, _REMINDED)) > 2, PATIENCE, "reminded of the first one again")
    assert told(seller, _REMINDED) == [first, second, first]
    assert told(hearing.sale.house.manager.app, _REMINDED) == [], "it is not the manager's"


def test_who_sells_makes_no_rules(hearing: Hearing) -> None:
    house = hearing.sale.house
    for who in (house.seller.app, house.manager.app):
        refused = who.ask("POST", RULES, json=_DELIVERED_RULE)
        assert (refused.status, refused.json["code"]) == (403, "permission_missing")


def _in_a_second() -> str:
    return (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
