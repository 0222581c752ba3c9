"""What records can be found by exactly: contact points and tags in the form that is compared."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from contacts.contact_points.domain import EmailPoint, Handle, PhonePoint
from contacts.quality.email_address import EmailAddress, normalise_email


def point_keys(
    emails: Iterable[EmailPoint],
    phones: Iterable[PhonePoint],
    handles: Iterable[Handle],
    tags: Iterable[str],
) -> list[tuple[str, str]]:
    """Kind and key of each, every pair once."""
    keys = [("email", email_key(point.address)) for point in emails]
    keys += [("phone", point.number) for point in phones]
    keys += [("handle", f"{point.network}:{point.handle}") for point in handles]
    keys += [("tag", tag) for tag in tags]
    return list(dict.fromkeys(keys))


@lru_cache(maxsize=16_384)
def email_key(address: str) -> str:
    """The form in which addresses are compared; an address on its way in is asked for thrice."""
    value = normalise_email(address)
    return value.match_key if isinstance(value, EmailAddress) else address.lower()
