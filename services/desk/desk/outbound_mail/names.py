"""What our own mails are called: notifications puts its id for a mail into the mail's Message-ID."""

from __future__ import annotations

import re
from uuid import UUID

_OURS = re.compile(r"<([0-9a-f]{32})@", re.IGNORECASE)


_MAIL = "mail:"


def message_name(mail_id: UUID) -> str:
    """What the message of a customer's mail is known by."""
    return f"{_MAIL}{mail_id}"


def mail_named(external_id: str | None) -> UUID | None:
    """The customer's mail that a message came by, if it did."""
    named = external_id or ""
    try:
        return UUID(named.removeprefix(_MAIL)) if named.startswith(_MAIL) else None
    except ValueError:  # by what an app has called it
        return None


def own_reference(notification_id: UUID) -> str:
    """How a mail of ours is remembered, whatever domain it was sent in the name of."""
    return f"own:{notification_id.hex}"


def reference_of(message_id: str) -> tuple[str, ...]:
    """How a mail with this Message-ID may be remembered: as others', or as one of ours."""
    found = _OURS.match(message_id)
    return (message_id,) if found is None else (message_id, f"own:{found[1].lower()}")


def notification_in(message_id: str) -> UUID | None:
    """What notifications calls the mail, if it is one of ours by its form."""
    found = _OURS.match(message_id)
    return None if found is None else UUID(found[1])
