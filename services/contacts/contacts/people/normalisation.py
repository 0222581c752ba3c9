"""Brings what was entered about a person into normal form, and rates it (CO-7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import NamedTuple, TypeVar

from chassis.domain import Invalid, Violation
from contacts.people.domain import (
    Address,
    EmailPoint,
    Handle,
    PersonDetails,
    PhonePoint,
    Quality,
)
from contacts.quality.email_address import EmailAddress, normalise_email
from contacts.quality.language import normalise_language
from contacts.quality.names import clean_line, normalise_name
from contacts.quality.normalise import Defaults, full_name_of
from contacts.quality.person import PersonRecord
from contacts.quality.phone import Phone, normalise_phone
from contacts.quality.plausibility import implausible_entries
from contacts.quality.postal_address import PostalAddress, normalise_postal_address
from contacts.quality.problem import Problem
from contacts.quality.score import Score, score
from contacts.quality.time_zone import normalise_time_zone

P = TypeVar("P")


class Normalised(NamedTuple):
    """A person's details in normal form, and how good they are."""

    details: PersonDetails
    quality: Quality


def normalised(details: PersonDetails, defaults: Defaults, today: date) -> Normalised:
    """The details in normal form, rated.

    Contact points that turn out to be the same are one; the first of a kind is primary if none
    is. Raises `Invalid` that names every wrong value at its place.
    """
    wrong: list[Violation] = []
    given = _text(normalise_name, details.given_name, "/given_name", wrong)
    family = _text(normalise_name, details.family_name, "/family_name", wrong)
    full = _text(normalise_name, details.full_name, "/full_name", wrong)
    emails, addresses = _emails(details.emails, wrong)
    phones, numbers = _phones(details.phones, defaults.country, wrong)
    result = replace(
        details,
        given_name=given,
        family_name=family,
        full_name=full or full_name_of(given, family),
        emails=emails,
        phones=phones,
        handles=_handles(details.handles),
        postal_addresses=_addresses(details.postal_addresses, defaults.country, wrong),
        tags=tuple(dict.fromkeys(filter(None, map(clean_line, details.tags)))),
        source=clean_line(details.source),
        language=_text(normalise_language, details.language, "/language", wrong),
        time_zone=_text(normalise_time_zone, details.time_zone, "/time_zone", wrong),
    )
    if wrong:
        raise Invalid("Some values cannot be right.", violations=tuple(wrong))
    rated = _rated(result, addresses, numbers, today)
    codes = tuple(sorted({reason.code for reason in rated.reasons}))
    return Normalised(result, Quality(rated.total, codes))


def rated_again(details: PersonDetails, today: date) -> Score:
    """The rating of details that are in normal form already, with all its reasons."""
    emails = (normalise_email(point.address) for point in details.emails)
    phones = (normalise_phone(point.number) for point in details.phones)
    return _rated(
        details,
        tuple(e for e in emails if isinstance(e, EmailAddress)),
        tuple(p for p in phones if isinstance(p, Phone)),
        today,
    )


def _rated(
    details: PersonDetails,
    emails: tuple[EmailAddress, ...],
    phones: tuple[Phone, ...],
    today: date,
) -> Score:
    line = tuple(h.handle for h in details.handles if h.network == "line")
    record = PersonRecord(
        given_name=details.given_name,
        family_name=details.family_name,
        full_name=details.full_name,
        emails=emails,
        phones=phones,
        line_ids=line,
        social_handles=tuple(h.handle for h in details.handles if h.network != "line"),
        postal_addresses=tuple(
            PostalAddress(a.lines, a.city, a.region, a.postal_code, a.country)
            for a in details.postal_addresses
        ),
        birthday=_birthday(details),
        language=details.language,
        time_zone=details.time_zone,
        tags=details.tags,
        source=details.source,
        lifecycle_stage=details.lifecycle_stage,
    )
    return score(record, (), implausible_entries(record, today))


def _birthday(details: PersonDetails) -> date | None:
    for important in details.important_dates:
        if important.kind == "birthday":
            return date.fromisoformat(important.date)
    return None


def _text(
    rule: Callable[[str], str | Problem], raw: str, pointer: str, wrong: list[Violation]
) -> str:
    if not raw:
        return ""
    value = rule(raw)
    if isinstance(value, Problem):
        wrong.append(_violation(value, pointer))
        return ""
    return value


def _violation(problem: Problem, pointer: str) -> Violation:
    return Violation(pointer + problem.pointer, problem.code, problem.message)


def _emails(
    points: Iterable[EmailPoint], wrong: list[Violation]
) -> tuple[tuple[EmailPoint, ...], tuple[EmailAddress, ...]]:
    found: dict[str, tuple[EmailPoint, EmailAddress]] = {}
    for index, point in enumerate(points):
        value = normalise_email(point.address)
        if isinstance(value, Problem):
            wrong.append(_violation(value, f"/emails/{index}/address"))
        elif value.match_key not in found:
            found[value.match_key] = replace(point, address=value.address), value
    kept = tuple(point for point, _ in found.values())
    return _one_primary(kept, "/emails", wrong), tuple(value for _, value in found.values())


def _phones(
    points: Iterable[PhonePoint], country: str, wrong: list[Violation]
) -> tuple[tuple[PhonePoint, ...], tuple[Phone, ...]]:
    found: dict[str, tuple[PhonePoint, Phone]] = {}
    for index, point in enumerate(points):
        value = normalise_phone(point.number, country)
        if isinstance(value, Problem):
            wrong.append(_violation(value, f"/phones/{index}/number"))
        else:
            found.setdefault(value.e164, (replace(point, number=value.e164), value))
    kept = tuple(point for point, _ in found.values())
    return _one_primary(kept, "/phones", wrong), tuple(value for _, value in found.values())


def _handles(points: Iterable[Handle]) -> tuple[Handle, ...]:
    found: dict[tuple[str, str], Handle] = {}
    for point in points:
        clean = replace(point, network=point.network.lower(), handle=clean_line(point.handle))
        found.setdefault((clean.network, clean.handle), clean)
    return tuple(found.values())


def _addresses(
    points: Iterable[Address], country: str, wrong: list[Violation]
) -> tuple[Address, ...]:
    found = []
    for index, point in enumerate(points):
        raw = PostalAddress(point.lines, point.city, point.region, point.postal_code, point.country)
        value, problems = normalise_postal_address(raw, country)
        wrong.extend(_violation(p, f"/postal_addresses/{index}") for p in problems)
        found.append(replace(point, **value._asdict()))
    return _one_primary(tuple(found), "/postal_addresses", wrong)


def _one_primary(points: tuple[P, ...], pointer: str, wrong: list[Violation]) -> tuple[P, ...]:
    """The points with exactly one of them primary."""
    chosen = [point for point in points if point.primary]  # type: ignore[attr-defined]
    if len(chosen) > 1:
        wrong.append(Violation(pointer, "several_primary", "Only one of them can be primary."))
    if chosen or not points:
        return points
    return (replace(points[0], primary=True), *points[1:])  # type: ignore[type-var]
