"""Contact points and external ids as the REST face takes and shows them."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from pydantic import Field

from chassis.domain import Invalid
from chassis.http.body import Body, validate
from contacts.contact_points.domain import (
    Address,
    ContactPointStatus,
    EmailPoint,
    ExternalId,
    Handle,
    PhonePoint,
)

Short = Annotated[str, Field(max_length=100)]
Line = Annotated[str, Field(max_length=500)]


class EmailIn(Body):
    address: Annotated[str, Field(min_length=3, max_length=320)]
    label: Short = ""
    primary: bool = False


class PhoneIn(Body):
    number: Annotated[str, Field(min_length=3, max_length=60)]
    label: Short = ""
    primary: bool = False


class HandleIn(Body):
    network: Annotated[str, Field(min_length=1, max_length=50)]
    handle: Annotated[str, Field(min_length=1, max_length=200)]
    label: Short = ""


class AddressIn(Body):
    lines: Annotated[tuple[Line, ...], Field(max_length=6)] = ()
    city: Short = ""
    region: Short = ""
    postal_code: Annotated[str, Field(max_length=20)] = ""
    country: Short = ""
    label: Short = ""
    primary: bool = False


class ExternalIdIn(Body):
    system: Annotated[str, Field(min_length=1, max_length=50)]
    id: Annotated[str, Field(min_length=1, max_length=200)]


class EmailOut(EmailIn):
    status: ContactPointStatus


class PhoneOut(PhoneIn):
    status: ContactPointStatus


class HandleOut(HandleIn):
    status: ContactPointStatus


PARTS: dict[str, Any] = {
    "emails": EmailPoint,
    "phones": PhonePoint,
    "handles": Handle,
    "postal_addresses": Address,
    "external_ids": ExternalId,
}


def external_id_in_path(system: str, external_id: str) -> ExternalId:
    """The external id that a path names. Raises a 422 problem for one that none can be."""
    for pointer, text in (("system", system), ("external_id", external_id)):
        if "\x00" in text:
            raise Invalid.at(pointer, "contains_nul", "It contains the character U+0000.")
    given = validate(ExternalIdIn, orjson.dumps({"system": system, "id": external_id}))
    return ExternalId(given.system, given.id)


def stated(body: Body, parts: dict[str, Any]) -> dict[str, Any]:
    """What a body mentions, as fields of the details; `parts` says what list members become."""
    changes: dict[str, Any] = {}
    for name in body.model_fields_set:
        value, part = getattr(body, name), parts.get(name)
        changes[name] = value if part is None else tuple(part(**_given(item)) for item in value)
    return changes


def _given(item: Body) -> dict[str, Any]:
    return {k: v for k in item.model_fields_set if (v := getattr(item, k)) is not None}
