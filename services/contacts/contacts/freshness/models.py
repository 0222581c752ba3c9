"""Freshness of contact points as the REST face takes and shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from chassis.http.query_string import Query
from contacts.contact_points.domain import ContactPointStatus
from contacts.contact_points.reaching import ContactPoint
from contacts.freshness.domain import LONGEST, Freshness, FreshnessLimits, FreshnessSettings

Days = Annotated[int, Field(ge=1, le=LONGEST)]


class FreshnessSettingsIn(Body):
    """After how many days without a sign of life half of a score is gone, and a point is stale."""

    half_life_days: Days = FreshnessLimits().half_life_days
    stale_after_days: Days = FreshnessLimits().stale_after_days


class FreshnessSettingsOut(BaseModel):
    """How contact points age; version 0 until it is set."""

    version: int
    half_life_days: int
    stale_after_days: int


class ContactPointOut(BaseModel):
    """A way to reach a person, and how fresh it is by now."""

    id: UUID
    kind: Annotated[str, Field(description="`email`, `phone`, or the network of a handle.")]
    value: str
    primary: bool
    status: Annotated[
        ContactPointStatus,
        Field(description="`stale` without a sign of life since `stale_after_days`."),
    ]
    score: Annotated[
        int,
        Field(
            description="0 to 100: 100 for one that is verified, 75 for one that is not, halved by"
            " every `half_life_days` since it was proven or seen; half of that, at least, since the"
            " person was seen on any channel. 0 when it bounces or is invalid."
        ),
    ]
    proven_at: Annotated[datetime, Field(description="When it was last entered or verified.")]
    seen_at: Annotated[
        datetime | None, Field(description="When the person was last seen on its channel.")
    ]
    stale_at: Annotated[
        datetime | None, Field(description="When it is stale unless there is a sign of life.")
    ]


class ContactPointsOut(BaseModel):
    items: list[ContactPointOut]


class ContactPointStatusIn(Body):
    """What somebody has found out: `verified` proves it anew, `invalid` is never written to."""

    status: Literal[
        ContactPointStatus.VERIFIED, ContactPointStatus.UNVERIFIED, ContactPointStatus.INVALID
    ]


class GoingSilentQuery(Query):
    """Who counts: those who are lost from sight within so many days unless there is a sign of life."""

    within_days: Annotated[int, Field(ge=1, le=LONGEST)] = 30


def limits_in(body: FreshnessSettingsIn) -> FreshnessLimits:
    """The limits that a body gives."""
    return FreshnessLimits(body.half_life_days, body.stale_after_days)


def shown(settings: FreshnessSettings) -> dict[str, Any]:
    """Settings as the API shows them."""
    return {
        "version": settings.version,
        "half_life_days": settings.limits.half_life_days,
        "stale_after_days": settings.limits.stale_after_days,
    }


def point_shown(person_id: UUID, point: ContactPoint, fresh: Freshness) -> dict[str, Any]:
    """A contact point as the API shows it."""
    kind = point.key.partition(":")[0] if point.kind == "handle" else point.kind
    return {
        "id": point.id_of(person_id),
        "kind": kind,
        "value": point.address,
        "primary": point.primary,
        "status": fresh.status,
        "score": fresh.score,
        "proven_at": fresh.proven_at,
        "seen_at": fresh.seen_at,
        "stale_at": fresh.stale_at,
    }
