"""Brings what was entered about a person into normal form, or says what is wrong with it (CO-7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from chassis.domain import Invalid, Violation
from contacts.people.domain import Address, EmailPoint, Handle, PersonDetails, PhonePoint
from contacts.quality.email_address import normalise_email
from contacts.quality.language import normalise_language
from contacts.quality.names import clean_line, normalise_name
from contacts.quality.normalise import Defaults, full_name_of
from contacts.quality.phone import normalise_phone
from contacts.quality.postal_address import PostalAddress, normalise_postal_address
from contacts.quality.problem import Problem
from contacts.quality.time_zone import normalise_time_zone

P = TypeVar("P")


def normalised(details: PersonDetails, defaults: Defaults) -> PersonDetails:
    """The details in normal form.

    Contact points that turn out to be the same are one; the first of a kind is primary if none
    is. Raises `Invalid` that names every wrong value at its place.
    """
    wrong: list[Violation] = []
    given = _text(normalise_name, details.given_name, "/given_name", wrong)
    family = _text(normalise_name, details.family_name, "/family_name", wrong)
    full = _text(normalise_name, details.full_name, "/full_name", wrong)
    result = replace(
        details,
        given_name=given,
        family_name=family,
        full_name=full or full_name_of(given, family),
        emails=_emails(details.emails, wrong),
        phones=_phones(details.phones, defaults.country, wrong),
        handles=_handles(details.handles),
        postal_addresses=_addresses(details.postal_addresses, defaults.country, wrong),
        tags=tuple(dict.fromkeys(filter(None, map(clean_line, details.tags)))),
        source=clean_line(details.source),
        language=_text(normalise_language, details.language, "/language", wrong),
        time_zone=_text(normalise_time_zone, details.time_zone, "/time_zone", wrong),
    )
    if wrong:
        raise Invalid("Some values cannot be right.", violations=tuple(wrong))
    return result


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


def _emails(points: Iterable[EmailPoint], wrong: list[Violation]) -> tuple[EmailPoint, ...]:
    found: dict[str, EmailPoint] = {}
    for index, point in enumerate(points):
        value = normalise_email(point.address)
        if isinstance(value, Problem):
            wrong.append(_violation(value, f"/emails/{index}/address"))
        elif value.match_key not in found:
            found[value.match_key] = replace(point, address=value.address)
    return _one_primary(tuple(found.values()), "/emails", wrong)


def _phones(
    points: Iterable[PhonePoint], country: str, wrong: list[Violation]
) -> tuple[PhonePoint, ...]:
    found: dict[str, PhonePoint] = {}
    for index, point in enumerate(points):
        value = normalise_phone(point.number, country)
        if isinstance(value, Problem):
            wrong.append(_violation(value, f"/phones/{index}/number"))
        else:
            found.setdefault(value.e164, replace(point, number=value.e164))
    return _one_primary(tuple(found.values()), "/phones", wrong)


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
        raw = PostalAddress(
            point.lines, point.city, point.region, point.postal_code, point.country
        )
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
