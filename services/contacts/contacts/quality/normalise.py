"""A whole person into normal form: each field by its own rule, every problem with a pointer to its place.

The rules of the single fields are in the modules beside this one; nothing here raises for bad input.
"""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from contacts.quality.calendar_date import normalise_date
from contacts.quality.email_address import EmailAddress, normalise_email
from contacts.quality.language import normalise_language
from contacts.quality.names import clean_line, normalise_name
from contacts.quality.person import LIFECYCLE_STAGES, ContactEntry, PersonEntry, PersonRecord
from contacts.quality.phone import Phone, normalise_phone
from contacts.quality.postal_address import PostalAddress, normalise_postal_address
from contacts.quality.problem import Problem, shown
from contacts.quality.time_zone import normalise_time_zone

MAX_TEXT = 500


class Defaults(NamedTuple):
    """What the tenant assumes where an entry does not say: the country, and whether days come before months."""

    country: str = ""
    day_first: bool | None = None


class NormalisedPerson(NamedTuple):
    """The record, and what could not be taken over into it (or is doubtful in it).

    `email_entries` and `phone_entries` are the entries, with their labels, that the record's e-mail addresses and
    phone numbers came from, in the same order; of several spellings of one value the first.
    """

    record: PersonRecord
    problems: tuple[Problem, ...]
    email_entries: tuple[ContactEntry, ...] = ()
    phone_entries: tuple[ContactEntry, ...] = ()


_NO_DEFAULTS = Defaults()


def normalise_person(entry: PersonEntry, defaults: Defaults = _NO_DEFAULTS) -> NormalisedPerson:
    """The entry in normal form; a value that is invalid is left out and reported, blank ones are dropped silently.

    A full name is made from the parts where it is missing.
    """
    problems: list[Problem] = []
    given = _checked(normalise_name, entry.given_name, "/given_name", problems)
    family = _checked(normalise_name, entry.family_name, "/family_name", problems)
    full = _checked(normalise_name, entry.full_name, "/full_name", problems)
    emails = _emails(entry.emails, problems) if entry.emails else {}
    phones = _phones(entry.phones, defaults.country, problems) if entry.phones else {}
    record = PersonRecord(
        given,
        family,
        full or full_name_of(given, family),
        tuple(emails.values()),
        tuple(phones.values()),
        _texts(entry.line_ids) if entry.line_ids else (),
        _texts(entry.social_handles) if entry.social_handles else (),
        _addresses(entry, defaults.country, problems) if entry.postal_addresses else (),
        _checked(normalise_name, entry.company_name, "/company_name", problems),
        clean_line(entry.job_title)[:MAX_TEXT] if entry.job_title else "",
        _birthday(entry.birthday, defaults, problems) if entry.birthday else None,
        _checked(normalise_language, entry.language, "/language", problems),
        _checked(normalise_time_zone, entry.time_zone, "/time_zone", problems),
        _texts(entry.tags) if entry.tags else (),
        clean_line(entry.source)[:MAX_TEXT] if entry.source else "",
        _lifecycle_stage(entry.lifecycle_stage, problems) if entry.lifecycle_stage else "",
    )
    return NormalisedPerson(record, tuple(problems), tuple(emails), tuple(phones))


def full_name_of(given_name: str, family_name: str) -> str:
    """The name as it is shown: family name first and no blank where both parts are Chinese, Japanese or Korean."""
    if not given_name or not family_name:
        return given_name or family_name
    if given_name.isascii() or family_name.isascii():
        return f"{given_name} {family_name}"
    if given_name[0] >= "\u2e80" and family_name[0] >= "\u2e80":
        return family_name + given_name
    return f"{given_name} {family_name}"


def _checked(
    rule: Callable[[str], str | Problem], raw: str, pointer: str, problems: list[Problem]
) -> str:
    if not raw:
        return ""
    value = rule(raw)
    if isinstance(value, str):
        return value
    problems.append(value.at(pointer))
    return ""


def _emails(
    entries: tuple[ContactEntry, ...], problems: list[Problem]
) -> dict[ContactEntry, EmailAddress]:
    found: dict[ContactEntry, EmailAddress] = {}
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        value = normalise_email(entry.value)
        if isinstance(value, EmailAddress):
            if value.match_key not in seen:
                found[entry] = value
                seen.add(value.match_key)
        elif value.code != "email_empty":
            problems.append(value.at(f"/emails/{index}/address"))
    return found


def _phones(
    entries: tuple[ContactEntry, ...], region: str, problems: list[Problem]
) -> dict[ContactEntry, Phone]:
    found: dict[ContactEntry, Phone] = {}
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        value = normalise_phone(entry.value, region)
        if isinstance(value, Phone):
            if value.e164 + value.extension not in seen:
                found[entry] = value
                seen.add(value.e164 + value.extension)
        elif value.code != "phone_empty":
            problems.append(value.at(f"/phones/{index}/number"))
    return found


def _addresses(
    entry: PersonEntry, country: str, problems: list[Problem]
) -> tuple[PostalAddress, ...]:
    found: list[PostalAddress] = []
    for index, raw in enumerate(entry.postal_addresses):
        address, wrong = normalise_postal_address(raw, country)
        if address.lines or address.city or address.region or address.postal_code:
            found.append(address)
            problems += [
                problem.at(f"/postal_addresses/{index}{problem.pointer}") for problem in wrong
            ]
    return tuple(found)


def _texts(raw: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text[:MAX_TEXT] for text in map(clean_line, raw) if text))


def _birthday(raw: str, defaults: Defaults, problems: list[Problem]) -> date | None:
    value = normalise_date(raw, day_first=defaults.day_first)
    if isinstance(value, Problem):
        problems.append(value.at("/birthday"))
        return None
    return value


def _lifecycle_stage(raw: str, problems: list[Problem]) -> str:
    stage = clean_line(raw).lower().replace(" ", "_").replace("-", "_")
    if not stage or stage in LIFECYCLE_STAGES:
        return stage
    known = ", ".join(LIFECYCLE_STAGES)
    problems.append(
        Problem(
            "lifecycle_stage_unknown",
            f"“{shown(raw)}” is no lifecycle stage; there are {known}",
            "/lifecycle_stage",
        )
    )
    return ""
