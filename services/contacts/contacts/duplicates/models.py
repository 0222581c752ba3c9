"""Pairs that may be one, and settings, as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from contacts.duplicates.domain import (
    LEAST_MERGED,
    LEAST_OFFERED,
    DuplicateLimits,
    DuplicateSettings,
    PairState,
)
from contacts.duplicates.looking import Alike
from contacts.merges.domain import Side
from contacts.merges.models import FieldName

Probability = Annotated[float, Field(ge=0, le=1)]


class EvidenceOut(BaseModel):
    """What one field says."""

    field: Annotated[
        str,
        Field(
            description="`given_name`, `family_name`, `characters` (a name written in them),"
            " `email`, `phone`, `birth_date`, `street`, or `area`: postal code and city."
        ),
    ]
    level: Annotated[str, Field(description="`same`, `close`, `similar` or `different`.")]
    weight: Annotated[
        float,
        Field(
            description="In bits: three more are eight times as likely, less than 0 speaks against."
        ),
    ]


class PairPersonOut(BaseModel):
    """One of the two; without a name once they are merged into the other."""

    id: UUID
    full_name: str | None


class PairOut(BaseModel):
    """Two people who may be one."""

    id: UUID
    version: int
    state: PairState
    probability: Probability
    people: list[PairPersonOut]
    evidence: list[EvidenceOut]
    swapped: Annotated[
        bool, Field(description="The given name of the one is the family name of the other.")
    ]
    automatic: Annotated[
        bool,
        Field(description="Nothing speaks against making them one without asking anybody."),
    ]
    found_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    merge_id: UUID | None


class DifferenceOut(BaseModel):
    """A single field in which the two differ, and whose is proposed to be left."""

    field: str
    survivor: Any
    merged: Any
    proposed: Side


class ProposalOut(BaseModel):
    """Who is proposed to be left, and what is taken of the other besides all lists."""

    survivor_id: UUID
    merged_id: UUID
    fields: Annotated[
        dict[str, Side], Field(description="As a merge takes them: what is not the survivor's.")
    ]
    differences: list[DifferenceOut]


class PairDetailsOut(PairOut):
    """The same, with a proposal as long as they are two."""

    proposal: ProposalOut | None


class MergePairIn(Body):
    """Who is left and what is taken of whom; without either, as is proposed."""

    survivor_id: UUID | None = None
    fields: Annotated[dict[FieldName, Side], Field(max_length=500)] | None = None


class AlikeOut(BaseModel):
    """Somebody who may be the same person, how likely, and what says so."""

    person_id: UUID
    full_name: str
    probability: Probability
    matched_on: list[str]
    evidence: list[EvidenceOut]
    swapped: bool


class AlikeListOut(BaseModel):
    """Those who may be the same, the likeliest first."""

    items: list[AlikeOut]
    too_common: Annotated[
        list[str],
        Field(
            description="What more than 50 share, and so finds nobody: `name`, `birth_date`,"
            " `name_and_area`, `area_and_year`, `email`, `phone`."
        ),
    ]


class DuplicateSettingsIn(Body):
    """From which probability on two people are offered as one, and made one by itself."""

    offer_from: Annotated[float, Field(ge=LEAST_OFFERED, le=1)]
    merge_from: Annotated[float, Field(ge=LEAST_MERGED, le=1)] | None = Field(
        default=None, description="Null merges nobody without asking."
    )


class DuplicateSettingsOut(BaseModel):
    """From which probabilities on; version 0 until it is set."""

    version: int
    offer_from: float
    merge_from: float | None


def limits_in(body: DuplicateSettingsIn) -> DuplicateLimits:
    """The limits that a body gives."""
    return DuplicateLimits(body.offer_from, body.merge_from)


def settings_shown(settings: DuplicateSettings) -> dict[str, Any]:
    """Settings as the API shows them."""
    limits = settings.limits
    return {
        "version": settings.version,
        "offer_from": limits.offer_from,
        "merge_from": limits.merge_from,
    }


def alike_shown(one: Alike) -> dict[str, Any]:
    """Somebody who may be the same, as the API shows them."""
    return {
        "person_id": one.person_id,
        "full_name": one.full_name,
        "probability": one.likeness.probability,
        "matched_on": one.matched_on,
        "evidence": [
            {"field": e.field, "level": e.level.name.lower(), "weight": round(e.bits, 3)}
            for e in one.likeness.evidence
        ],
        "swapped": one.likeness.swapped,
    }
