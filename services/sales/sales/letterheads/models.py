"""Letterheads as the REST face takes and shows them."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

from pydantic import BaseModel, Field

from chassis.domain import Invalid
from chassis.http.body import Body
from sales.letterheads.domain import LetterheadContent
from sales.letterheads.logos import require_logo
from sales.names import Label, Language, Short

Lines = Annotated[
    dict[Language, Annotated[str, Field(min_length=1, max_length=500)]], Field(max_length=20)
]
Terms = Annotated[
    dict[Language, Annotated[str, Field(min_length=1, max_length=5_000)]], Field(max_length=20)
]


class LetterheadIn(Body):
    """What quotes print of the seller: `name`, `address` and `terms` by language.

    `logo` is a PNG or JPEG of at most 64 KiB, in Base64.
    """

    name: Label
    address: Lines = Field(default_factory=dict)
    terms: Terms = Field(default_factory=dict)
    tax_id: Short = ""
    phone: Short = ""
    email: Short = ""
    website: Short = ""
    logo: Annotated[str, Field(max_length=90_000)] | None = None


class LetterheadOut(BaseModel):
    """What quotes print of the seller. A quote that was sent keeps the letterhead of its day."""

    version: int
    number: int
    name: dict[str, str]
    address: dict[str, str]
    terms: dict[str, str]
    tax_id: str
    phone: str
    email: str
    website: str
    logo: str | None


_PLAIN = ("name", "address", "terms", "tax_id", "phone", "email", "website")


def content_in(body: LetterheadIn) -> LetterheadContent:
    """What a body gives. Raises `Invalid` for a logo that is none, or too large."""
    logo = None
    if body.logo is not None:
        try:
            logo = base64.b64decode(body.logo, validate=True)
        except (binascii.Error, ValueError):
            raise Invalid.at("/logo", "not_base64", "The logo has to be in Base64.") from None
        require_logo(logo)
    return LetterheadContent(**{name: getattr(body, name) for name in _PLAIN}, logo=logo)


def shown(version: int, number: int, content: LetterheadContent) -> dict[str, Any]:
    """The letterhead as the API shows it."""
    logo = None if content.logo is None else base64.b64encode(content.logo).decode()
    plain = {name: getattr(content, name) for name in _PLAIN}
    return {"version": version, "number": number, **plain, "logo": logo}
