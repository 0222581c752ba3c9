"""Recognitions as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from loyalty.gifts.models import RecognitionTermsIn
from loyalty.recognitions.domain import Recognition, RecognitionKind, RecognitionTerms


class RecognitionIn(RecognitionTermsIn):
    """A badge or privilege for a member."""

    member_id: UUID


class RecognitionOut(BaseModel):
    """A badge or privilege of a member. `cause_kind` says what it was given for."""

    id: UUID
    version: int
    program_id: UUID
    member_id: UUID
    person_id: UUID | None
    kind: RecognitionKind
    key: str
    name: dict[str, str]
    cause_kind: str
    awarded_at: datetime
    valid_until: datetime | None
    withdrawn_at: datetime | None


def terms_in(body: RecognitionIn) -> RecognitionTerms:
    """What a body describes."""
    return RecognitionTerms(body.kind, body.key, dict(body.name), body.days)


def shown(recognition: Recognition) -> dict[str, Any]:
    """A recognition as the API shows one."""
    return {name: getattr(recognition, name) for name in RecognitionOut.model_fields}
