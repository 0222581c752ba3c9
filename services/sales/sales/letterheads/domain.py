"""What a tenant's quotes say of the tenant: name, address, tax number, logo, and standing terms.

A letterhead is numbered, and what a number stands for never changes: a quote that was sent names
the number, so it can be printed as it was at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chassis.domain import Aggregate, Fact

LARGEST_LOGO = 64 * 1024
"""Bytes; every quote that is sent carries the logo."""


@dataclass(frozen=True, slots=True)
class LetterheadChanged(Fact):
    """Quotes that are sent from now on say something else of the seller."""

    number: int


@dataclass(frozen=True, slots=True)
class LetterheadContent:
    """What is printed of the seller; `name`, `address` and `terms` are by language.

    `logo` is a PNG or JPEG.
    """

    name: Mapping[str, str]
    address: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)
    tax_id: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    logo: bytes | None = None


@dataclass(kw_only=True)
class Letterhead(Aggregate):
    """The letterhead of a tenant, of which there is one; its id is the tenant's."""

    number: int = 0
    content: LetterheadContent | None = None

    def change(self, content: LetterheadContent) -> None:
        """Have this one printed from now on; the same one again changes nothing."""
        if content != self.content:
            self.number, self.content = self.number + 1, content
            self.record(LetterheadChanged(self.number))
