"""Reasons as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from chassis.http.body import Body
from sales.names import Key, Label
from sales.reasons.domain import Reason, ReasonKind


class ReasonPatch(Body):
    """What may change about a reason: what it is called."""

    name: Label


class ReasonIn(ReasonPatch):
    """A new reason; kind and key are for good, and the key is unique within its kind."""

    kind: ReasonKind
    key: Key


class ReasonOut(BaseModel):
    """A reason."""

    id: UUID
    version: int
    kind: ReasonKind
    key: str
    name: dict[str, str]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def shown(reason: Reason) -> dict[str, Any]:
    """A reason as the API shows one, without reading it back."""
    return {name: getattr(reason, name) for name in ReasonOut.model_fields}
