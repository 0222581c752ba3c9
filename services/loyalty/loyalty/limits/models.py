"""Limits and reviews as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from loyalty.limits.domain import (
    LONGEST_WINDOW,
    MOST,
    Act,
    Measure,
    Response,
    ReviewStatus,
    Scope,
    VelocityReview,
    VelocityRule,
    VelocityTerms,
)
from loyalty.names import Name, Reason

Most = Annotated[int, Field(ge=1, le=MOST)]
Minutes = Annotated[int, Field(ge=1, le=int(LONGEST_WINDOW.total_seconds()) // 60)]


class VelocityRuleIn(Body):
    """A limit of a program: at most `most` times, or points, within a window."""

    program_id: UUID
    name: Name
    act: Act
    measure: Measure = Measure.TIMES
    scope: Scope = Scope.MEMBER
    most: Most
    window_minutes: Minutes
    response: Response
    active: bool = True


class VelocityRulePatch(Patch):
    """What may change about a limit."""

    name: Name = ""
    act: Act = Act.EARNING
    measure: Measure = Measure.TIMES
    scope: Scope = Scope.MEMBER
    most: Most = 1
    window_minutes: Minutes = 1
    response: Response = Response.FLAG
    active: bool = True


class VelocityRuleOut(BaseModel):
    """A limit."""

    id: UUID
    version: int
    program_id: UUID
    name: str
    act: Act
    measure: Measure
    scope: Scope
    most: int
    window_minutes: int
    response: Response
    active: bool
    created_at: datetime
    updated_at: datetime


class DecisionIn(Body):
    """Why somebody decides so."""

    reason: Reason


class VelocityReviewOut(BaseModel):
    """An act that went beyond a limit: with it, `subject` came to `measured` of `most`."""

    id: UUID
    version: int
    rule_id: UUID
    program_id: UUID
    member_id: UUID | None
    act: Act
    subject: str
    key: str
    points: int
    measured: int
    most: int
    response: Response
    status: ReviewStatus
    reason: str
    decided_by: str | None
    decided_at: datetime | None
    created_at: datetime


_TERMS = ("name", "act", "measure", "scope", "most", "window_minutes", "response", "active")


def terms_in(body: VelocityRuleIn) -> VelocityTerms:
    """The terms that a body states."""
    return VelocityTerms(**{name: getattr(body, name) for name in _TERMS})


def changed_by(body: VelocityRulePatch, terms: VelocityTerms) -> VelocityTerms:
    """The terms with what a patch mentions."""
    return replace(terms, **{name: getattr(body, name) for name in body.model_fields_set})


def rule_shown(rule: VelocityRule) -> dict[str, Any]:
    """A limit as the API shows one."""
    own = ("id", "version", "program_id", "created_at", "updated_at")
    return {
        **{name: getattr(rule, name) for name in own},
        **{name: getattr(rule.terms, name) for name in _TERMS},
    }


def review_shown(review: VelocityReview) -> dict[str, Any]:
    """A review as the API shows one."""
    return {name: getattr(review, name) for name in VelocityReviewOut.model_fields}
