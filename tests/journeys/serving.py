"""A desk with one customer's concern, for journeys, and how its tests look at what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

from deploy.demo.belonging.club import open_club
from deploy.demo.external_app import Answer
from deploy.demo.serving import definitions as defined
from deploy.demo.serving.case import TICKETS, Case
from deploy.demo.serving.customer import sell_a_machine
from deploy.demo.serving.house import open_desk
from deploy.demo.serving.post import Post

from .world import World

T = TypeVar("T")


def opened_case(world: World) -> Case:
    """A customer of the tier gold with one machine, in a tenant of its own, who has written a mail."""
    admin = world.organisation().admin
    house = open_desk(admin)
    case = Case(house, sell_a_machine(open_club(admin), Post(world.platform.state.root)))
    mail = case.write(*defined.FIRST_MAIL)
    case.ids["ticket"] = case.opened(mail)["id"]
    return case


def at_once(*calls: Callable[[], T]) -> list[T]:
    """The outcomes of what is done at the same time, in its order."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call: call(), calls))


def statuses(answers: list[Answer]) -> list[int]:
    """The statuses of answers, sorted."""
    return sorted(answer.status for answer in answers)


def refusal(answer: Answer) -> tuple[int, str]:
    """How something was refused."""
    return answer.status, answer.json["code"]


def moment(told: str) -> datetime:
    """A time as the API tells it."""
    return datetime.fromisoformat(told)


def said_on(case: Case, ticket_id: str) -> list[tuple[str, str]]:
    """What was said on a ticket, by what kind of message, as it went."""
    items = case.lead.get(f"{TICKETS}/{ticket_id}/messages", page_size=200)["items"]
    return [(one["kind"], one["text"]) for one in items]


def a_phone_ticket(case: Case, subject: str, **more: Any) -> dict[str, Any]:
    """A concern of the customer's that the lead takes down and hands to the agent."""
    body = {
        "subject": subject,
        "person_id": case.owner.ids["person"],
        "channel": "phone",
        "queue_id": case.house.ids["queue"],
        "assignee_id": case.house.chinese.id,
        **more,
    }
    made: dict[str, Any] = case.lead.post(TICKETS, body)
    return made
