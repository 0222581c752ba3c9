"""Territories as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from sales.names import Label, Short
from sales.territories.domain import (
    MOST_CRITERIA,
    MOST_PEOPLE,
    Criteria,
    PostalCodes,
    Territory,
    TerritoryDefinition,
)
from sales.territories.storage import document_of

CountryCode = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Code = Annotated[str, Field(min_length=1, max_length=20)]
CompanySize = Annotated[int, Field(ge=0, le=10_000_000)]


class PostalCodesIn(Body):
    """Codes that begin with anything from `first` to `last`; without `last`, with `first`."""

    first: Code
    last: Code | None = None


class PostalCodesOut(BaseModel):
    """Codes that begin with anything from `first` to `last`, both included."""

    first: str
    last: str


class TerritoryFields(Body):
    """Whom a territory has and who takes care of them.

    All that is said has to be true of a customer; what is not said is not asked, so a territory
    without any of it has everybody. Postal codes need the country that they are of.
    """

    countries: Annotated[tuple[CountryCode, ...], Field(max_length=MOST_CRITERIA)] = ()
    postal_codes: Annotated[tuple[PostalCodesIn, ...], Field(max_length=MOST_CRITERIA)] = ()
    industries: Annotated[tuple[Short, ...], Field(max_length=MOST_CRITERIA)] = ()
    smallest_company: CompanySize | None = None
    largest_company: CompanySize | None = None
    user_ids: Annotated[tuple[UUID, ...], Field(max_length=MOST_PEOPLE)] = ()


class TerritoryIn(TerritoryFields):
    """A new territory."""

    name: Label


class TerritoryPatch(Patch, TerritoryFields):
    """What may change about a territory; lists are replaced as a whole."""

    name: Label = Field(default_factory=dict)


class TerritoryOut(BaseModel):
    """A territory."""

    id: UUID
    version: int
    name: dict[str, str]
    countries: list[str]
    postal_codes: list[PostalCodesOut]
    industries: list[str]
    smallest_company: int | None
    largest_company: int | None
    user_ids: list[UUID]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def definition_in(body: TerritoryIn) -> TerritoryDefinition:
    """The definition that a body gives."""
    return TerritoryDefinition(
        body.name,
        Criteria(**_criteria_in(body, TerritoryFields.model_fields.keys())),
        body.user_ids,
    )


def changed(definition: TerritoryDefinition, body: TerritoryPatch) -> TerritoryDefinition:
    """The definition with what the body mentions."""
    given = body.model_fields_set
    return TerritoryDefinition(
        name=body.name if "name" in given else definition.name,
        criteria=replace(definition.criteria, **_criteria_in(body, given)),
        user_ids=body.user_ids if "user_ids" in given else definition.user_ids,
    )


def shown(territory: Territory) -> dict[str, Any]:
    """A territory as the API shows one, without reading it back."""
    definition = territory.definition
    return {
        "id": territory.id,
        "version": territory.version,
        "name": definition.name,
        **document_of(definition.criteria),
        "user_ids": list(definition.user_ids),
        "created_at": territory.created_at,
        "updated_at": territory.updated_at,
        "archived_at": territory.archived_at,
    }


def _criteria_in(body: TerritoryFields, given: set[str] | Any) -> dict[str, Any]:
    names = TerritoryFields.model_fields.keys() & given - {"user_ids"}
    criteria = {name: getattr(body, name) for name in names}
    if "postal_codes" in criteria:
        criteria["postal_codes"] = tuple(
            PostalCodes(one.first, one.last or one.first) for one in body.postal_codes
        )
    return criteria
