"""A person's fields as they come in (all text) and in normal form: what quality, search and imports speak about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from contacts.quality.email_address import EmailAddress
from contacts.quality.phone import Phone
from contacts.quality.postal_address import PostalAddress

LIFECYCLE_STAGES = (
    "subscriber",
    "lead",
    "prospect",
    "customer",
    "repeat_customer",
    "advocate",
    "lapsed",
)


class ContactEntry(NamedTuple):
    """One e-mail address or phone number as typed, with what it is for (`work`, `home`)."""

    value: str
    label: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """What somebody typed, sent or imported. Every field may be empty; nothing here has been checked."""

    given_name: str = ""
    family_name: str = ""
    full_name: str = ""
    emails: tuple[ContactEntry, ...] = ()
    phones: tuple[ContactEntry, ...] = ()
    line_ids: tuple[str, ...] = ()
    social_handles: tuple[str, ...] = ()
    postal_addresses: tuple[PostalAddress, ...] = ()
    company_name: str = ""
    job_title: str = ""
    birthday: str = ""
    language: str = ""
    time_zone: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""
    lifecycle_stage: str = ""
    external_ids: tuple[tuple[str, str], ...] = ()
    custom: Mapping[str, str] = field(default_factory=dict)


class PersonRecord(NamedTuple):
    """The fields in normal form. What was invalid is absent here and reported beside it as a problem."""

    given_name: str = ""
    family_name: str = ""
    full_name: str = ""
    emails: tuple[EmailAddress, ...] = ()
    phones: tuple[Phone, ...] = ()
    line_ids: tuple[str, ...] = ()
    social_handles: tuple[str, ...] = ()
    postal_addresses: tuple[PostalAddress, ...] = ()
    company_name: str = ""
    job_title: str = ""
    birthday: date | None = None
    language: str = ""
    time_zone: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""
    lifecycle_stage: str = ""
