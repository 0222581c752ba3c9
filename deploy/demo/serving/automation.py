"""What happens to tickets by one click, or by itself: a macro, triggers, and two that call each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from deploy.demo.belonging.membership import once
from deploy.demo.serving import definitions as defined
from deploy.demo.serving.case import TICKETS, Case
from deploy.demo.serving.house import DESK

MACROS = f"{DESK}/macros"
TRIGGERS = f"{DESK}/triggers"
TIME_RULES = f"{DESK}/time-rules"
FIRINGS = f"{DESK}/trigger-firings"


@dataclass
class Automation:
    """What the lead defines, and what comes of it."""

    case: Case
    ids: dict[str, str] = field(default_factory=dict)

    def define(self) -> None:
        """Define a macro, a trigger that alerts the lead of bad scores, and a time rule."""
        lead = self.case.lead
        self.ids["macro"] = str(lead.post(MACROS, defined.MACRO)["id"])
        alert = {"kind": "alert", "user_ids": [self.case.house.lead.id]}
        trigger = {**defined.TELL_OF_BAD_SCORES, "actions": [alert]}
        self.ids["trigger"] = str(lead.post(TRIGGERS, trigger)["id"])
        self.ids["time_rule"] = str(lead.post(TIME_RULES, defined.TIME_RULE)["id"])

    def ask_for_a_photo(self, ticket_id: str) -> dict[str, Any]:
        """The agent applies the macro; gives the ticket after it."""
        path = f"{TICKETS}/{ticket_id}/macros/{self.ids['macro']}"
        ticket: dict[str, Any] = self.case.agent.post(path)
        return ticket

    def fired(self, trigger: str) -> list[dict[str, Any]]:
        """When one of the triggers fired, the latest first."""
        found: list[dict[str, Any]] = self.case.lead.get(FIRINGS)["items"]
        return [one for one in found if one["trigger_id"] == self.ids[trigger]]

    def go_in_circles(self, ticket_id: str) -> list[str]:
        """Have two triggers call each other; gives the notes on the ticket, once it was stopped."""
        lead = self.case.lead
        for name, body in (("ping", defined.PING), ("pong", defined.PONG)):
            self.ids[name] = str(lead.post(TRIGGERS, body)["id"])
        tags = lead.get(f"{TICKETS}/{ticket_id}")["tags"]
        lead.patch(f"{TICKETS}/{ticket_id}", {"tags": [*tags, "ping"]})
        try:
            return once(lambda: self._notes(ticket_id), bool, "the note that stops it")
        finally:
            for name in ("ping", "pong"):
                lead.delete(f"{TRIGGERS}/{self.ids[name]}")

    def _notes(self, ticket_id: str) -> list[str]:
        said = self.case.lead.get(f"{TICKETS}/{ticket_id}/messages", page_size=200)["items"]
        notes = [one["text"] for one in said if one["kind"] == "note" and one["author_id"] is None]
        return [text for text in notes if text.startswith("Triggers")]
