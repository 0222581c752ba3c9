"""What can be asked of a lead: by rules that score leads, and by those for stale ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from chassis.domain import Violation
from sales.leads.domain import Lead

MOST_CONDITIONS = 10
MOST_VALUES = 50


class LeadField(StrEnum):
    """What a condition looks at."""

    SOURCE = "source"
    CAMPAIGN = "campaign"
    LANDING_PAGE = "landing_page"
    VARIANT = "variant"
    COUNTRY = "country"
    POSTAL_CODE = "postal_code"
    LANGUAGE = "language"
    INDUSTRY = "industry"
    COMPANY_NAME = "company_name"
    COMPANY_SIZE = "company_size"
    JOB_TITLE = "job_title"
    EMAIL = "email"
    PHONE = "phone"
    OWNER_ID = "owner_id"
    QUALIFICATION = "qualification"
    SCORE = "score"
    RECYCLED = "recycled"


class Comparison(StrEnum):
    """How the field is compared; texts without regard to case."""

    IS = "is"
    IS_NOT = "is_not"
    STARTS_WITH = "starts_with"
    CONTAINS = "contains"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    PRESENT = "present"
    ABSENT = "absent"


NUMBERS = frozenset({LeadField.COMPANY_SIZE, LeadField.SCORE, LeadField.RECYCLED})
_OF_NUMBERS = frozenset({Comparison.AT_LEAST, Comparison.AT_MOST})
_OF_ALL = frozenset({Comparison.PRESENT, Comparison.ABSENT})
_OF_THE_LEAD = frozenset({LeadField.QUALIFICATION, LeadField.SCORE, LeadField.RECYCLED})
_ORIGIN = frozenset(
    {LeadField.SOURCE, LeadField.CAMPAIGN, LeadField.LANDING_PAGE, LeadField.VARIANT}
)


@dataclass(frozen=True, slots=True)
class LeadCondition:
    """One thing that has to be true of a lead.

    Of texts any of `values` will do (with `is_not` none of them); numbers are compared with
    `number`. A field without a value is below nothing and above nothing.
    """

    field: LeadField
    comparison: Comparison
    values: tuple[str, ...] = ()
    number: int | None = None

    def holds(self, lead: Lead) -> bool:
        """Whether it is true of the lead now."""
        value = value_of(lead, self.field)
        if self.comparison in _OF_ALL:
            return (value != "") is (self.comparison is Comparison.PRESENT)
        if self.comparison in _OF_NUMBERS:
            return self._measured(value)
        text = value.casefold()
        found = any(_matches(self.comparison, text, one.casefold()) for one in self.values)
        return found is not (self.comparison is Comparison.IS_NOT)

    def _measured(self, value: str) -> bool:
        if value == "" or self.number is None:
            return False
        if self.comparison is Comparison.AT_LEAST:
            return int(value) >= self.number
        return int(value) <= self.number


def value_of(lead: Lead, field: LeadField) -> str:
    """The field's value as text; empty for none."""
    if field in _OF_THE_LEAD:
        return str(getattr(lead, field))
    value = getattr(lead.origin if field in _ORIGIN else lead.details, field)
    return "" if value is None else str(value).strip()


def wrong_conditions(
    conditions: Sequence[LeadCondition], pointer: str, forbidden: frozenset[LeadField] = frozenset()
) -> Sequence[Violation]:
    """Everything wrong with conditions that stand at `pointer`."""
    wrong: list[Violation] = []
    for place, one in enumerate(conditions):
        at = f"{pointer}/{place}"
        if one.field in forbidden:
            message = f"What is asked here cannot look at {one.field}."
            wrong.append(Violation(f"{at}/field", "field_forbidden", message))
        wrong += _wrong(one, at)
    return wrong


def _wrong(one: LeadCondition, at: str) -> Sequence[Violation]:
    if one.comparison in _OF_ALL:
        if one.values or one.number is not None:
            message = f"{one.comparison} is compared with nothing."
            return (Violation(at, "condition_ambiguous", message),)
        return ()
    if (one.field in NUMBERS) is not (one.comparison in _OF_NUMBERS):
        message = f"{one.field} cannot be compared by {one.comparison}."
        return (Violation(f"{at}/comparison", "comparison_impossible", message),)
    if one.comparison in _OF_NUMBERS:
        complete, needed = one.number is not None and not one.values, "number"
    else:
        complete, needed = bool(one.values) and one.number is None, "values"
    if complete:
        return ()
    message = f"{one.comparison} is compared with {needed}, and with nothing else."
    return (Violation(f"{at}/{needed}", "condition_incomplete", message),)


def _matches(comparison: Comparison, text: str, wanted: str) -> bool:
    if comparison is Comparison.STARTS_WITH:
        return text.startswith(wanted)
    if comparison is Comparison.CONTAINS:
        return wanted in text
    return text == wanted
