"""Brings what was entered about a person into normal form, and rates it (CO-7)."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from chassis.domain import Invalid, Violation
from contacts.contact_points.normalisation import (
    checked_text,
    email_points,
    handles_of,
    phone_points,
    postal_addresses_of,
    tags_of,
)
from contacts.people.domain import PersonDetails, Quality
from contacts.quality.email_address import EmailAddress, normalise_email
from contacts.quality.language import normalise_language
from contacts.quality.names import clean_line, normalise_name
from contacts.quality.normalise import Defaults, full_name_of
from contacts.quality.person import PersonRecord
from contacts.quality.phone import Phone, normalise_phone
from contacts.quality.plausibility import implausible_entries
from contacts.quality.postal_address import PostalAddress
from contacts.quality.score import Score, score
from contacts.quality.time_zone import normalise_time_zone


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
    given = checked_text(normalise_name, details.given_name, "/given_name", wrong)
    family = checked_text(normalise_name, details.family_name, "/family_name", wrong)
    full = checked_text(normalise_name, details.full_name, "/full_name", wrong)
    emails, addresses = email_points(details.emails, wrong)
    phones, numbers = phone_points(details.phones, defaults.country, wrong)
    result = PersonDetails(
        given_name=given,
        family_name=family,
        full_name=full or full_name_of(given, family),
        emails=emails,
        phones=phones,
        handles=handles_of(details.handles, wrong),
        postal_addresses=postal_addresses_of(details.postal_addresses, defaults.country, wrong),
        tags=tags_of(details.tags),
        source=clean_line(details.source),
        language=checked_text(normalise_language, details.language, "/language", wrong),
        time_zone=checked_text(normalise_time_zone, details.time_zone, "/time_zone", wrong),
        owner_id=details.owner_id,
        important_dates=details.important_dates,
        life_events=details.life_events,
        lifecycle_stage=details.lifecycle_stage,
        external_ids=details.external_ids,
        custom_fields=details.custom_fields,
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
