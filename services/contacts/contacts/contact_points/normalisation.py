"""Brings contact points and single texts into normal form; what is wrong is named at its place.

Points are written out anew, since `dataclasses.replace` takes several times as long, and imports do
this by the million.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from chassis.domain import Violation
from contacts.contact_points.domain import Address, EmailPoint, Handle, PhonePoint
from contacts.quality.email_address import EmailAddress, normalise_email
from contacts.quality.names import clean_line
from contacts.quality.phone import Phone, normalise_phone
from contacts.quality.postal_address import PostalAddress, normalise_postal_address
from contacts.quality.problem import Problem

P = TypeVar("P", EmailPoint, PhonePoint, Address)


def checked_text(
    rule: Callable[[str], str | Problem], raw: str, pointer: str, wrong: list[Violation]
) -> str:
    """The text as the rule has it; empty, and noted in `wrong`, when the rule refuses it."""
    if not raw:
        return ""
    value = rule(raw)
    if isinstance(value, Problem):
        wrong.append(_violation(value, pointer))
        return ""
    return value


def email_points(
    points: Sequence[EmailPoint], wrong: list[Violation]
) -> tuple[tuple[EmailPoint, ...], tuple[EmailAddress, ...]]:
    """The addresses in normal form, each mailbox once, and what the normaliser found."""
    found: dict[str, tuple[EmailPoint, EmailAddress]] = {}
    first_leads = not any(point.primary for point in points)
    for index, point in enumerate(points):
        value = normalise_email(point.address)
        if isinstance(value, Problem):
            wrong.append(_violation(value, f"/emails/{index}/address"))
        elif value.match_key not in found:
            primary = point.primary or (first_leads and not found)
            clean = EmailPoint(value.address, point.label, primary, point.status)
            found[value.match_key] = clean, value
    kept = tuple(point for point, _ in found.values())
    return _one_primary(kept, "/emails", wrong), tuple(value for _, value in found.values())


def phone_points(
    points: Sequence[PhonePoint], country: str, wrong: list[Violation]
) -> tuple[tuple[PhonePoint, ...], tuple[Phone, ...]]:
    """The numbers in E.164, each once; `country` reads those without a country code."""
    found: dict[str, tuple[PhonePoint, Phone]] = {}
    first_leads = not any(point.primary for point in points)
    for index, point in enumerate(points):
        value = normalise_phone(point.number, country)
        if isinstance(value, Problem):
            wrong.append(_violation(value, f"/phones/{index}/number"))
        elif value.e164 not in found:
            primary = point.primary or (first_leads and not found)
            clean = PhonePoint(value.e164, point.label, primary, point.status)
            found[value.e164] = clean, value
    kept = tuple(point for point, _ in found.values())
    return _one_primary(kept, "/phones", wrong), tuple(value for _, value in found.values())


def handles_of(points: Sequence[Handle], wrong: list[Violation]) -> tuple[Handle, ...]:
    """The handles in normal form, each once."""
    found: dict[tuple[str, str], Handle] = {}
    for index, point in enumerate(points):
        network, handle = clean_line(point.network).lower(), clean_line(point.handle)
        for name, text in (("network", network), ("handle", handle)):
            if not text:
                message = "Nothing is left of it without blanks and control characters."
                wrong.append(Violation(f"/handles/{index}/{name}", "text_empty", message))
        clean = Handle(network, handle, point.label, point.status)
        found.setdefault((clean.network, clean.handle), clean)
    return tuple(found.values())


def postal_addresses_of(
    points: Sequence[Address], country: str, wrong: list[Violation]
) -> tuple[Address, ...]:
    """The addresses in normal form; `country` is assumed where none is said."""
    found: list[Address] = []
    first_leads = not any(point.primary for point in points)
    for index, point in enumerate(points):
        raw = PostalAddress(point.lines, point.city, point.region, point.postal_code, point.country)
        value, problems = normalise_postal_address(raw, country)
        wrong.extend(_violation(p, f"/postal_addresses/{index}") for p in problems)
        primary = point.primary or (first_leads and not found)
        found.append(Address(*value, label=point.label, primary=primary))
    return _one_primary(tuple(found), "/postal_addresses", wrong)


def tags_of(raw: Iterable[str]) -> tuple[str, ...]:
    """The tags in normal form, each once."""
    return tuple(dict.fromkeys(filter(None, map(clean_line, raw))))


def _violation(problem: Problem, pointer: str) -> Violation:
    return Violation(pointer + problem.pointer, problem.code, problem.message)


def _one_primary(points: tuple[P, ...], pointer: str, wrong: list[Violation]) -> tuple[P, ...]:
    """The points with exactly one of them primary."""
    if not points:
        return points
    chosen = [point for point in points if point.primary]
    if len(chosen) > 1:
        wrong.append(Violation(pointer, "several_primary", "Only one of them can be primary."))
    if chosen:
        return points
    return tuple(replace(p, primary=index == 0) for index, p in enumerate(points))
