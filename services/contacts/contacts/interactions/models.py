"""Interactions as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import AfterValidator, BaseModel, Field, model_validator

from chassis.domain import Invalid, Money
from chassis.http.batch import BatchIn, items_of
from chassis.http.body import Body, Moment
from contacts.contact_points.domain import ExternalId
from contacts.contact_points.models import ExternalIdIn
from contacts.custom_fields.values import Unfit, money_of
from contacts.interactions.domain import Interaction, PersonKey, Report
from contacts.interactions.queries import money_shown

MOST_BYTES = 16 * 1024
MOST_PROPERTIES = 100


def _bounded(properties: dict[str, Any]) -> dict[str, Any]:
    if len(orjson.dumps(properties)) > MOST_BYTES:
        raise ValueError(f"is larger than {MOST_BYTES} bytes")
    return properties


Channel = Annotated[str, Field(max_length=50, pattern="^([a-z][a-z0-9_-]*)?$")]
Properties = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=100)], Any],
    Field(max_length=MOST_PROPERTIES),
    AfterValidator(_bounded),
]


class MoneyIn(Body):
    """An amount as a decimal string, and the ISO 4217 code of its currency."""

    amount: Annotated[str, Field(min_length=1, max_length=40)]
    currency: Annotated[str, Field(min_length=3, max_length=3)]


class PersonKeyIn(Body):
    """The person, by exactly one of the three. An address has to be that of one person."""

    id: UUID | None = None
    external_id: ExternalIdIn | None = None
    email: Annotated[str, Field(min_length=3, max_length=320)] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> PersonKeyIn:
        if sum(key is not None for key in (self.id, self.external_id, self.email)) != 1:
            raise ValueError("has to have one of id, external_id and email")
        return self


class InteractionIn(Body):
    """Something that a person did. Without `occurred_at` it happened just now.

    With `external_id` it may be sent again: it is recorded once.
    """

    kind: Annotated[str, Field(min_length=1, max_length=50)]
    person: PersonKeyIn
    channel: Channel = ""
    occurred_at: Moment | None = None
    value: MoneyIn | None = None
    properties: Properties = Field(default_factory=dict)
    external_id: ExternalIdIn | None = None


class InteractionsBatchIn(BatchIn):
    """Up to 1,000 interactions."""

    items: Annotated[tuple[Any, ...], items_of(InteractionIn)]


class MoneyOut(BaseModel):
    amount: str
    currency: str


class InteractionOut(BaseModel):
    """Something that a person did, or in which person and tenant met."""

    id: UUID
    version: int
    person_id: UUID
    kind: str
    channel: str
    occurred_at: datetime
    recorded_at: datetime
    value: MoneyOut | None
    properties: dict[str, Any]
    external_id: ExternalIdIn | None


class SignOfLifeOut(BaseModel):
    """The last time that a person was seen on a channel, and what they did then."""

    channel: str
    seen_at: datetime
    kind: str
    interaction_id: UUID


class SignsOfLifeOut(BaseModel):
    items: list[SignOfLifeOut]


def report_of(body: InteractionIn) -> Report:
    """What a body reports. Raises `Invalid` for a value that is no money."""
    return Report(
        kind=body.kind,
        person=PersonKey(
            body.person.id, _external(body.person.external_id), body.person.email or ""
        ),
        channel=body.channel,
        occurred_at=body.occurred_at,
        value=None if body.value is None else _money(body.value),
        properties=body.properties,
        external_id=_external(body.external_id),
    )


def _external(given: ExternalIdIn | None) -> ExternalId | None:
    return None if given is None else ExternalId(given.system, given.id)


def _money(given: MoneyIn) -> Money:
    try:
        money = money_of({"amount": given.amount, "currency": given.currency})
    except Unfit as error:
        raise Invalid.at("/value", error.code, f"The value {error.message}.") from None
    return Money(Decimal(money["amount"]), money["currency"])


def shown(one: Interaction) -> dict[str, Any]:
    """An interaction as the API shows one, without reading it back."""
    value = one.value
    return {
        "id": one.id,
        "version": one.version,
        "person_id": one.person_id,
        "kind": one.kind,
        "channel": one.channel,
        "occurred_at": one.occurred_at,
        "recorded_at": one.recorded_at,
        "value": None if value is None else money_shown(value.amount, value.currency),
        "properties": one.properties,
        "external_id": None if one.external_id is None else asdict(one.external_id),
    }
