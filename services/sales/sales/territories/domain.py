"""What a territory is: which customers belong to it, and who takes care of them (SA-3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid, Violation

MOST_TERRITORIES = 500
MOST_PEOPLE = 200
MOST_CRITERIA = 300
"""How many countries, postal codes or industries a territory names."""


@dataclass(frozen=True, slots=True)
class PostalCodes:
    """Postal codes that begin with anything from `first` to `last`, both included.

    Both have the same length, so 100 to 116 has 11605 in it. What is between characters (blanks,
    hyphens) and whether letters are large counts nowhere.
    """

    first: str
    last: str

    def include(self, code: str) -> bool:
        """Whether a code begins with one of them; a shorter code does not."""
        begins = bare(code)[: len(bare(self.first))]
        return len(begins) == len(bare(self.first)) and (
            bare(self.first) <= begins <= bare(self.last)
        )


@dataclass(frozen=True, slots=True)
class Traits:
    """What is looked at in a customer; empty where nothing is known."""

    country: str = ""
    postal_code: str = ""
    industry: str = ""
    company_size: int | None = None


@dataclass(frozen=True, slots=True)
class Criteria:
    """Whom a territory has: all that is said has to be true, and what is not said is not asked.

    Countries by ISO 3166-1 alpha-2, industries in the tenant's own words, large or small; company
    sizes in people, both limits included. Without any it has everybody.
    """

    countries: tuple[str, ...] = ()
    postal_codes: tuple[PostalCodes, ...] = ()
    industries: tuple[str, ...] = ()
    smallest_company: int | None = None
    largest_company: int | None = None

    def unmet(self, traits: Traits) -> tuple[str, ...]:
        """What keeps somebody out, as names of the criteria; what is unknown fits none."""
        return tuple(self._unmet(traits))

    def _unmet(self, traits: Traits) -> Iterator[str]:
        if self.countries and traits.country not in self.countries:
            yield "countries"
        if self.postal_codes and not any(
            codes.include(traits.postal_code) for codes in self.postal_codes
        ):
            yield "postal_codes"
        if self.industries and _word(traits.industry) not in map(_word, self.industries):
            yield "industries"
        size = traits.company_size
        if self.smallest_company is not None and (size is None or size < self.smallest_company):
            yield "smallest_company"
        if self.largest_company is not None and (size is None or size > self.largest_company):
            yield "largest_company"


@dataclass(frozen=True, slots=True)
class TerritoryDefinition:
    """What an administrator says of a territory. `user_ids` are its people."""

    name: Mapping[str, str]
    criteria: Criteria
    user_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class TerritoryDefined(Fact):
    """A territory is new or different."""

    territory_id: UUID
    definition: TerritoryDefinition


@dataclass(frozen=True, slots=True)
class TerritoryArchived(Fact):
    """A territory counts no more."""

    territory_id: UUID


@dataclass(frozen=True, slots=True)
class TerritoryRestored(Fact):
    """An archived territory counts again."""

    territory_id: UUID


@dataclass(kw_only=True)
class Territory(Aggregate):
    """A part of the market, and its people."""

    definition: TerritoryDefinition
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def define(self) -> None:
        """Say that it is there. Raises `Invalid`."""
        require_sound(self.definition)
        self.record(TerritoryDefined(self.id, self.definition))

    def redefine(self, definition: TerritoryDefinition, now: datetime) -> None:
        """Have other criteria or people from now on. Raises `Invalid`."""
        require_sound(definition)
        if definition != self.definition:
            self.definition, self.updated_at = definition, now
            self.record(TerritoryDefined(self.id, definition))

    def archive(self, now: datetime) -> None:
        """Count no more; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(TerritoryArchived(self.id))

    def restore(self, now: datetime) -> None:
        """Count again; nothing happens to one that does."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(TerritoryRestored(self.id))


def require_sound(definition: TerritoryDefinition) -> None:
    """Check that somebody can be in it. Raises `Invalid` that names everything wrong."""
    wrong = tuple(_wrong(definition))
    if wrong:
        raise Invalid("Such a territory cannot be.", violations=wrong)


def bare(code: str) -> str:
    """A postal code without what is between its characters, in large letters."""
    return "".join(c for c in code.upper() if c.isalnum())


def _wrong(definition: TerritoryDefinition) -> Iterator[Violation]:
    criteria = definition.criteria
    if criteria.postal_codes and not criteria.countries:
        message = "Postal codes need the country that they are of."
        yield Violation("/countries", "country_missing", message)
    for place, codes in enumerate(criteria.postal_codes):
        at, first, last = f"/postal_codes/{place}", bare(codes.first), bare(codes.last)
        if not first:
            yield Violation(f"{at}/first", "no_postal_code", "It has no letter and no digit.")
        elif len(first) != len(last) or last < first:
            message = f"It has to be as long as {codes.first!r}, and no earlier."
            yield Violation(f"{at}/last", "range_reversed", message)
    smallest, largest = criteria.smallest_company, criteria.largest_company
    if smallest is not None and largest is not None and largest < smallest:
        message = f"It cannot be less than {smallest}."
        yield Violation("/largest_company", "range_reversed", message)
    if len(set(definition.user_ids)) < len(definition.user_ids):
        yield Violation("/user_ids", "user_repeated", "A user is there twice.")


def _word(text: str) -> str:
    return text.strip().casefold()
