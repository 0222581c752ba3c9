"""One customer's concern from a mail to what they say of it, step by step: each is done as its people would."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import httpx

from deploy.demo.belonging.membership import once
from deploy.demo.external_app import Answer, ExternalApp
from deploy.demo.serving import definitions as defined
from deploy.demo.serving.customer import Owner
from deploy.demo.serving.house import ARTICLES, DESK, ServiceHouse
from deploy.demo.serving.post import words_of

TICKETS = f"{DESK}/tickets"
PROMISES = f"{DESK}/promises"
COMPLAINTS = f"{DESK}/complaints"
REQUESTS = f"{DESK}/survey-requests"
INBOUND = f"{DESK}/inbound-mails"
ENTITLEMENTS = f"{DESK}/entitlements"
_SURVEYS = "/p/desk/surveys/"


@dataclass
class Case:
    """What the customer and the house's people do, each as themselves; remembers the ids of what comes of it."""

    house: ServiceHouse
    owner: Owner
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def agent(self) -> ExternalApp:
        """Who speaks the customer's language."""
        return self.house.chinese.app

    @property
    def lead(self) -> ExternalApp:
        """Who leads the team."""
        return self.house.lead.app

    @property
    def ticket(self) -> str:
        """Where the first ticket is."""
        return f"{TICKETS}/{self.ids['ticket']}"

    def write(self, subject: str, text: str, **headers: str) -> EmailMessage:
        """The customer writes to the house."""
        return self.owner.mail.write(self.house.mailbox, subject, text, **headers)

    def landed(self, mail: EmailMessage) -> dict[str, Any]:
        """What became of a mail of the customer's, once it was taken in. Raises `TimeoutError`."""
        name = str(mail["Message-ID"]).strip("<> ")
        asked = {"sender": self.owner.mail.address, "page_size": 200}

        def found() -> list[dict[str, Any]]:
            mails = self.house.admin.get(INBOUND, **asked)["items"]
            return [one for one in mails if one["header_id"].strip("<> ") == name]

        return once(found, bool, f"the mail {mail['Subject']}")[0]

    def opened(self, mail: EmailMessage) -> dict[str, Any]:
        """The ticket that a mail has opened, once somebody has it. Raises `TimeoutError`."""
        return self.given(str(self.landed(mail)["ticket_id"]))

    def given(self, ticket_id: str) -> dict[str, Any]:
        """A ticket, once it is known whose it is and somebody has it. Raises `TimeoutError`."""
        return once(
            lambda: dict(self.house.admin.get(f"{TICKETS}/{ticket_id}")),
            lambda told: bool(told["assignee_id"] and told["person_id"]),
            "a ticket that somebody has",
        )

    def decision(self, ticket_id: str) -> dict[str, Any]:
        """The first decision about where a ticket went."""
        decided: dict[str, Any] = self.lead.get(f"{TICKETS}/{ticket_id}/routing")["items"][-1]
        return decided

    def clocks(self, ticket_id: str | None = None) -> dict[str, dict[str, Any]]:
        """How the targets of a ticket stand, by what is due; the latest of the next responses."""
        told = self.agent.get(f"{TICKETS}/{ticket_id or self.ids['ticket']}/clocks")
        return {one["target"]: one for one in reversed(told["items"])}

    def reply(self, text: str, **how: Any) -> dict[str, Any]:
        """The agent answers by the ticket's channel."""
        said: dict[str, Any] = self.agent.post(f"{self.ticket}/messages", {"text": text, **how})
        return said

    def mail_about(self, text: str) -> EmailMessage:
        """The mail to the customer that says this, once it is there. Raises `TimeoutError`."""
        return self.owner.mail.got(lambda mail: text in words_of(mail), f"a mail with {text}")

    def promise(self, within: timedelta) -> dict[str, Any]:
        """The agent promises a call; no reply keeps it, the call does."""
        body = {
            "due_at": (datetime.now(UTC) + within).isoformat(),
            "contact_by": "phone",
            "remind_minutes": None,
            "kept_by_reply": False,
        }
        made: dict[str, Any] = self.agent.post(f"{self.ticket}/promises", body)
        return made

    def broken(self, promise: dict[str, Any]) -> dict[str, Any]:
        """A promise, once it is broken. Raises `TimeoutError`."""
        return once(
            lambda: dict(self.agent.get(f"{PROMISES}/{promise['id']}")),
            lambda told: told["status"] == "broken",
            "a broken promise",
        )

    def keep(self, promise: dict[str, Any]) -> Answer:
        """Try to note that the customer was called."""
        return self.agent.ask("POST", f"{PROMISES}/{promise['id']}/keep")

    def promises_kept(self) -> dict[str, Any]:
        """How many promises were kept about now, by what the lead sees."""
        (row,) = self.lead.get(f"{DESK}/promises-kept", **these_days())["items"]
        return dict(row)

    def solve(self) -> dict[str, Any]:
        """The agent sends the article that is suggested, and is done."""
        suggested = self.agent.get(f"{self.ticket}/suggested-articles")["items"]
        article = str(suggested[0]["article_id"])
        url = self.agent.get(f"{ARTICLES}/{article}/link")["url"]
        self.reply(
            f"請依照這篇說明清除水垢：{url}",
            status="resolved",
            article_id=article,
        )
        solved: dict[str, Any] = self.agent.get(self.ticket)
        return solved

    def survey(self) -> SurveyByLink:
        """The question about the first ticket, once its mail is there. Raises `TimeoutError`."""
        number = str(self.agent.get(self.ticket)["number"])
        mail = self.owner.mail.got(
            lambda one: _SURVEYS in words_of(one) and f"{number}）" in str(one["Subject"]),
            f"a mail that asks about {number}",
        )
        link = next(word for word in words_of(mail).split() if _SURVEYS in word)
        return SurveyByLink(self.house.admin.gateway, urlsplit(link).path)

    def asked(self) -> dict[str, Any]:
        """What is known of who was asked about the first ticket."""
        found = self.lead.get(REQUESTS)["items"]
        mine = next(one for one in found if one["ticket_id"] == self.ids["ticket"])
        return dict(mine)

    def followed_up(self) -> dict[str, Any]:
        """The ticket that a bad score has opened, once there is one. Raises `TimeoutError`."""
        told = once(self.asked, lambda one: bool(one["follow_up_ticket_id"]), "a follow-up")
        return self.given(str(told["follow_up_ticket_id"]))

    def complain(self, subject: str) -> dict[str, Any]:
        """The lead opens a complaint of the customer's; gives it, once it is kept apart."""
        body = {
            "subject": subject,
            "person_id": self.owner.ids["person"],
            "type": "complaint",
            "channel": "phone",
            "product_sku": defined.SKU,
        }
        ticket = self.lead.post(TICKETS, body)

        def kept() -> list[dict[str, Any]]:
            found = self.lead.get(COMPLAINTS)["items"]
            return [dict(one) for one in found if one["ticket_id"] == ticket["id"]]

        return once(kept, bool, "the complaint")[0]

    def cover(self) -> dict[str, Any]:
        """Enter the customer's service contract, which is for a year."""
        today = datetime.now(UTC).date()
        term = {
            "starts_on": (today - timedelta(days=30)).isoformat(),
            "ends_on": (today + timedelta(days=335)).isoformat(),
        }
        body = {**defined.CONTRACT, **term, "person_id": self.owner.ids["person"]}
        made: dict[str, Any] = self.house.admin.post(ENTITLEMENTS, body)
        return made

    def use(self, contract: dict[str, Any], ticket_id: str) -> Answer:
        """Try to have a ticket use the contract."""
        path = f"{ENTITLEMENTS}/{contract['id']}/uses/{ticket_id}"
        return self.agent.ask("PUT", path, json={})


@dataclass(frozen=True, slots=True)
class SurveyByLink:
    """The page behind the link of a mail, as a browser has it."""

    gateway: str
    path: str

    def look(self) -> int:
        """Look at it; gives the status."""
        return httpx.get(f"{self.gateway}{self.path}", timeout=30).status_code

    def say(self, score: int, comment: str = "") -> int:
        """Send the form; gives the status."""
        form = {"score": str(score), "comment": comment}
        return httpx.post(f"{self.gateway}{self.path}", data=form, timeout=30).status_code


def these_days() -> dict[str, str]:
    """Yesterday to tomorrow by the universal clock, so that no midnight matters."""
    today = datetime.now(UTC).date()
    days = (today - timedelta(days=1), today + timedelta(days=1))
    return dict(zip(("first_on", "last_on"), (day.isoformat() for day in days), strict=True))
