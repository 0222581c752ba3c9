"""Root causes as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from chassis.http.body import Body
from desk.complaint_causes.domain import ComplaintCause
from desk.names import Key, Label


class ComplaintCauseIn(Body):
    """A new root cause; complaints name it by its key, for good."""

    key: Key
    name: Label


class ComplaintCauseRename(Body):
    """What a root cause is called from now on."""

    name: Label


class ComplaintCauseOut(BaseModel):
    """A root cause."""

    id: UUID
    version: int
    key: str
    name: dict[str, str]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def shown(cause: ComplaintCause) -> dict[str, Any]:
    """A root cause as the API shows one."""
    return {name: getattr(cause, name) for name in ComplaintCauseOut.model_fields}
