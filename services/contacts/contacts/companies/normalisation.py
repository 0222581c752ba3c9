"""Brings what was entered about a company into normal form."""

from __future__ import annotations

import re
from dataclasses import replace

from chassis.domain import Invalid, Violation
from contacts.companies.domain import CompanyDetails
from contacts.contact_points.normalisation import (
    checked_text,
    email_points,
    handles_of,
    phone_points,
    postal_addresses_of,
    tags_of,
)
from contacts.quality.email_address import EmailAddress, normalise_email
from contacts.quality.names import clean_line, normalise_name
from contacts.quality.normalise import Defaults
from contacts.quality.problem import Problem, shown

_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:www\.)?([^/?#:@\s]+)(?::\d+)?(?:[/?#].*)?")


def normalised(details: CompanyDetails, defaults: Defaults) -> CompanyDetails:
    """The details in normal form; the legal name is the name where no other is given.

    Raises `Invalid` that names every wrong value at its place.
    """
    wrong: list[Violation] = []
    name = checked_text(normalise_name, details.name, "/name", wrong)
    legal_name = checked_text(normalise_name, details.legal_name, "/legal_name", wrong)
    emails, _ = email_points(details.emails, wrong)
    phones, _ = phone_points(details.phones, defaults.country, wrong)
    result = replace(
        details,
        name=name or legal_name,
        legal_name=legal_name,
        domain=checked_text(normalise_domain, details.domain, "/domain", wrong),
        industry=clean_line(details.industry),
        emails=emails,
        phones=phones,
        handles=handles_of(details.handles, wrong),
        postal_addresses=postal_addresses_of(details.postal_addresses, defaults.country, wrong),
        tags=tags_of(details.tags),
        source=clean_line(details.source),
    )
    if wrong:
        raise Invalid("Some values cannot be right.", violations=tuple(wrong))
    return result


def normalise_domain(raw: str) -> str | Problem:
    """The domain of a web address or a domain as typed: `https://www.Acme.com/about` is acme.com."""
    match = _ADDRESS.fullmatch(clean_line(raw).lower())
    found = normalise_email(f"any@{match[1].rstrip('.')}") if match else None
    if isinstance(found, EmailAddress):
        return found.domain
    return Problem("domain_invalid", f"“{shown(raw)}” is no domain of the internet")
