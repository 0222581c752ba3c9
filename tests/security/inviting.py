"""How records of what brings members closer are made for the estate: friends, days, events, badges."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.context import service_caller
from chassis.testing.client import ApiAnswer
from loyalty.gifts.domain import GIVEN_NOTHING
from loyalty.occasions.domain import Celebration
from loyalty.transaction import LoyaltyTx

_NAME = {"en": "Amphitrite"}
"""The estate's mark, as a name."""
_ACTIVITIES = "/v1/loyalty/activities"
Good = Callable[[ApiAnswer, str], ApiAnswer]


def inviting_recipes(posted: Callable[..., Any], good: Good) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records; in this order."""
    return {
        "recognition_id": posted(
            "/v1/loyalty/recognitions",
            member_id=lambda owned: owned.ids["member_id"],
            kind="badge",
            key="ambassador",
            name=_NAME,
        ),
        "referral_code_id": lambda owned: _referral_code(owned, good),
        "referral_id": lambda owned: _referral(owned, good),
        "occasion_id": posted(
            "/v1/loyalty/occasions",
            program_id=lambda owned: owned.ids["program_id"],
            key="birthday",
            date_kind="birthday",
            name=_NAME,
        ),
        "celebration_id": _celebration,
        "program_activity_id": lambda owned: _activity(owned, good),
        "registration_id": posted(
            f"{_ACTIVITIES}/{{program_activity_id}}/registrations",
            member_id=lambda owned: owned.ids["member_id"],
        ),
    }


def _referral_code(owned: Any, good: Good) -> str:
    """The member's code, in a program that rewards recommendations."""
    owner, path = owned.owner("loyalty"), "/v1/loyalty/referral-codes"
    terms = f"/v1/loyalty/programs/{owned.ids['program_id']}/referral-terms"
    good(owner.put(terms, {"friend_gift": {"points": 1}}), terms)
    body = {"member_id": owned.ids["member_id"], "shown_name": _NAME["en"]}
    return str(good(owner.post(path, body), path).json["id"])


def _referral(owned: Any, good: Good) -> str:
    """The relative came by the member's code."""
    owner, path = owned.owner("loyalty"), "/v1/loyalty/referrals"
    code = f"/v1/loyalty/referral-codes/{owned.ids['referral_code_id']}"
    body = {
        "code": good(owner.get(code), code).json["code"],
        "friend_person_id": owned.ids["relative_id"],
    }
    return str(good(owner.post(path, body), path).json["id"])


def _activity(owned: Any, good: Good) -> str:
    """An event that is about to begin, so that its code is shown."""
    owner, starts_at = owned.owner("loyalty"), datetime.now(UTC) + timedelta(minutes=30)
    body = {
        "program_id": owned.ids["program_id"],
        "title": _NAME,
        "kind": "regatta",
        "venue": "in_person",
        "place": _NAME["en"],
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=1)).isoformat(),
        "time_zone": "Asia/Taipei",
    }
    activity_id = str(good(owner.post(_ACTIVITIES, body), _ACTIVITIES).json["id"])
    good(owner.post(f"{_ACTIVITIES}/{activity_id}/publish"), _ACTIVITIES)
    return activity_id


def _celebration(owned: Any) -> str:
    """A birthday of the member that was kept."""

    def keep(tx: LoyaltyTx) -> str:
        now = tx.clock.now()
        kept = Celebration(
            id=tx.ids.new(),
            occasion_id=UUID(owned.ids["occasion_id"]),
            program_id=UUID(owned.ids["program_id"]),
            member_id=UUID(owned.ids["member_id"]),
            person_id=UUID(owned.ids["person_id"]),
            year=now.year,
            due_at=now,
            reached_at=now,
        )
        kept.reach(tx.occasions.get(kept.occasion_id), GIVEN_NOTHING)
        tx.celebrations.add(kept)
        return str(kept.id)

    run = owned.services["loyalty"].harness.service.operations.run
    return str(run(service_caller("loyalty", owned.tenant_id), keep))
