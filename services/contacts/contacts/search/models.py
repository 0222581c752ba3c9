"""What the API tells of a search."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, field_validator

from chassis.http.query_string import MAX_SEARCH, Query
from contacts.custom_fields.domain import RecordKind
from contacts.search.queries import MOST

_USUAL = 10


class SearchQuery(Query):
    """What to search for, as typed so far."""

    q: Annotated[str, Field(min_length=1, max_length=MAX_SEARCH)]
    type: Annotated[RecordKind | None, Field(description="Only people, or only companies.")] = None
    page_size: Annotated[int, Field(ge=1, le=MOST)] = _USUAL

    @field_validator("q")
    @classmethod
    def _not_blank(cls, typed: str) -> str:
        if not typed.strip():
            raise ValueError("needs more than blanks")
        return typed


class MatchedPartOut(BaseModel):
    """A piece of the text that matched; `hit` says that it is what was typed."""

    text: str
    hit: bool


class FoundRecordOut(BaseModel):
    """A person or a company that was found.

    `matched` is the name, address or number that was found, in pieces for highlighting. With
    `corrected`, nothing was found by what was typed, and this by a similar word.
    """

    type: RecordKind
    id: UUID
    title: str
    subtitle: str
    matched_on: Literal["name", "email", "phone"]
    matched: list[MatchedPartOut]
    corrected: bool


class FoundRecordsOut(BaseModel):
    """The best hits, the best first; there are no further pages."""

    items: list[FoundRecordOut]
