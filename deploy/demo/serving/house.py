"""A desk for owners of espresso machines: who works there, and everything that an administrator defines first."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.demo.belonging.membership import once
from deploy.demo.colleagues import Colleague, invite
from deploy.demo.external_app import ExternalApp
from deploy.demo.serving import definitions as defined

DESK = "/v1/desk"
AGENTS = f"{DESK}/agents"
ARTICLES = f"{DESK}/articles"
CALENDARS = f"{DESK}/business-calendars"
LEVELS = f"{DESK}/service-levels"
MAILBOXES = f"{DESK}/mailboxes"
MODELS = f"{DESK}/asset-models"
QUEUES = f"{DESK}/queues"
RULES = f"{DESK}/routing-rules"
SURVEYS = f"{DESK}/surveys"
CAUSES = f"{DESK}/complaint-causes"
OPEN_HOURS: dict[str, Any] = {"opens": "09:00", "closes": "17:00"}


@dataclass(frozen=True, slots=True)
class ServiceHouse:
    """Who helps customers, the address that these write to, and the ids of what was defined, by name."""

    admin: ExternalApp = field(repr=False)
    lead: Colleague
    chinese: Colleague
    english: Colleague
    mailbox: str
    ids: dict[str, str]


def open_desk(admin: ExternalApp) -> ServiceHouse:
    """Set everything up as the administrator, in a tenant whose desk has done nothing yet."""
    lead, chinese, english, team = _colleagues(admin)
    queue = _made(admin, QUEUES, {**defined.QUEUE, "team_id": team})
    for who, profile in ((chinese, defined.CHINESE), (english, defined.ENGLISH)):
        _add_agent(admin, {**profile, "user_id": who.id, "queue_ids": [queue]})
    for rule in (defined.VALUABLE, defined.ALL_OTHERS):
        _made(admin, RULES, {**rule, "queue_id": queue})
    address = f"care-{secrets.token_hex(4)}@amphitrite.example"
    ids = {"team": team, "queue": queue}
    ids["mailbox"] = _made(admin, MAILBOXES, {**defined.MAILBOX, "address": address})
    ids["model"] = _made(admin, MODELS, defined.MODEL)
    ids["article"] = _published(admin)
    other = _made(admin, ARTICLES, defined.OTHER_ARTICLE)
    admin.post(f"{ARTICLES}/{other}/publish")
    ids["survey"] = _made(admin, SURVEYS, defined.SURVEY)
    ids["cause"] = _made(admin, CAUSES, defined.CAUSE)
    # What every tenant starts with: three minutes to the first response, twelve hours to the end.
    (level,) = once(lambda: list(admin.get(LEVELS)["items"]), bool, "the first service level")
    ids["level"] = level["id"]
    return ServiceHouse(admin, lead, chinese, english, address, ids)


def close_for_days(admin: ExternalApp) -> dict[str, Any]:
    """A calendar for which it is the weekend now, a holiday comes after it, and then a day to work.

    Today and tomorrow are no working days, the day after tomorrow is one but has a holiday, the next
    is open from nine to five, in UTC. Gives it, with `opens_at`: when it opens next.
    """
    today = datetime.now(UTC).date()
    holiday, working = today + timedelta(days=2), today + timedelta(days=3)
    week = {f"{day:%A}".lower(): [OPEN_HOURS] for day in (holiday, working)}
    body = {
        "name": "Showroom",
        "time_zone": "UTC",
        "week": week,
        "holidays": [{"on": holiday.isoformat(), "name": "Founders' day"}],
    }
    made: dict[str, Any] = admin.post(CALENDARS, body)
    opens_at = datetime(working.year, working.month, working.day, 9, tzinfo=UTC)
    return {**made, "opens_at": opens_at}


def _colleagues(admin: ExternalApp) -> tuple[Colleague, Colleague, Colleague, str]:
    """Who works there, and their team, which has to be there before they sign in."""
    roles = {one["key"]: one["id"] for one in admin.get("/v1/identity/roles")["items"]}
    who = (
        ("Hui Chen", "service_manager"),
        ("An Lin", "service_agent"),
        ("Bo Smith", "service_agent"),
    )
    invited = [invite(admin, name, [roles[role]]) for name, role in who]
    team = {
        "name": "Customer care",
        "manager_id": invited[0].id,
        "member_ids": [one.id for one in invited],
    }
    team_id = _made(admin, "/v1/identity/teams", team)
    lead, chinese, english = (one.joined() for one in invited)
    return lead, chinese, english, team_id


def _add_agent(admin: ExternalApp, body: dict[str, Any]) -> None:
    """Have a user take care of tickets, once the desk has heard of the user."""
    once(
        lambda: admin.ask("POST", AGENTS, json=body),
        lambda answer: answer.status == 201,
        "an agent",
    )


def _published(admin: ExternalApp) -> str:
    """The article that helps, in both languages."""
    article = _made(admin, ARTICLES, defined.ARTICLE)
    admin.put(f"{ARTICLES}/{article}/texts/en", defined.ARTICLE_IN_ENGLISH)
    admin.post(f"{ARTICLES}/{article}/publish")
    return article


def _made(admin: ExternalApp, path: str, body: dict[str, Any]) -> str:
    return str(admin.post(path, body)["id"])
