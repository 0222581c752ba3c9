"""A club whose members the sellers sell to: what is handed over to them earns points, once."""

from __future__ import annotations

from uuid import UUID

from deploy.demo.external_app import ExternalApp

PROGRAMS = "/v1/loyalty/programs"
RULES = "/v1/loyalty/earning-rules"
MEMBERS = "/v1/loyalty/members"
POINTS_FOR_AN_ORDER = 24
"""A point for every ten dollars; each order is of 240."""
PEOPLE = tuple(str(UUID(int=0xC1B_000 + number, version=4)) for number in range(5))
"""Whom contacts does not know: loyalty takes whoever is named, and learns of their days later."""


def open_club(by: ExternalApp) -> None:
    """Have a program with a rule in force, and everybody a member of it."""
    program = {"key": "club", "name": "Club", "currency": "TWD", "time_zone": "Asia/Taipei"}
    program_id = by.post(PROGRAMS, program)["id"]
    by.post(f"{PROGRAMS}/{program_id}/open")
    gives = {"kind": "per_amount", "points": 1, "amount": {"amount": "10", "currency": "TWD"}}
    rule = {
        "program_id": program_id,
        "name": "A point for every ten dollars",
        "trigger": "order_delivered",
        "gives": gives,
    }
    by.post(f"{RULES}/{by.post(RULES, rule)['id']}/activate")
    for person_id in PEOPLE:
        by.post(MEMBERS, {"program_id": program_id, "person_id": person_id})
