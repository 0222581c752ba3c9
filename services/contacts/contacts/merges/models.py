"""Merges as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from contacts.merges.domain import Side
from contacts.people.models import PersonOut

FieldName = Annotated[str, Field(min_length=1, max_length=100)]


class MergeIn(Body):
    """Who goes, and which fields are taken from whom.

    A field that is not mentioned is the survivor's, or the other's where the survivor has none.
    """

    person_id: UUID
    fields: Annotated[dict[FieldName, Side], Field(max_length=500)] = Field(
        default_factory=dict,
        description="By field: given_name, family_name, full_name, birthday, owner_id, source,"
        " language, time_zone, lifecycle_stage, or custom_fields.<key>.",
    )


class MergeOut(BaseModel):
    """Two people who were made one.

    `merged_id` is who is gone, `survivor_id` who was left, and `person_id` who answers for both
    now: another one when the survivor was merged in turn.
    """

    id: UUID
    version: int
    survivor_id: UUID
    merged_id: UUID
    person_id: UUID
    fields: dict[str, Side]
    merged_at: datetime
    merged_by: str
    undone_at: datetime | None
    undone_by: str | None


class MadeMergeOut(MergeOut):
    """A merge, with the person who was left as they are now."""

    person: PersonOut


class UndoneMergeOut(MadeMergeOut):
    """An undone merge, with both as they are now."""

    merged_person: PersonOut
