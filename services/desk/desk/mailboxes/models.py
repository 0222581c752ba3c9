"""Mailboxes as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from chassis.http.body import Body, Patch
from desk.mailboxes.domain import MOST_SENDERS, Mailbox, MailboxDetails
from desk.names import Language, Sentence

_LOCAL = r"[A-Za-z0-9!#$%&'*/=?^_`{|}~.-]{1,64}"
_DOMAIN = r"[A-Za-z0-9]([A-Za-z0-9.-]{0,187}[A-Za-z0-9])?"


def _small(text: str) -> str:
    return text.lower()


def _each_small(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(text.lower() for text in texts))


MailAddress = Annotated[
    str,
    Field(pattern=f"^{_LOCAL}@{_DOMAIN}$", max_length=254),
    AfterValidator(_small),
]
Senders = Annotated[
    list[Annotated[str, Field(pattern=f"^({_LOCAL})?@{_DOMAIN}$", max_length=254)]],
    Field(max_length=MOST_SENDERS),
    AfterValidator(_each_small),
]
"""Addresses, or domains: `ming@example.com`, `@example.com`."""


class MailboxFields(Body):
    """How mail is taken in.

    In `acknowledgement`, `{number}` stands for the ticket's. Without words of its own a mailbox that
    acknowledges uses the platform's. Mail of allowed senders is never held back as spam, that of
    denied ones is dropped. With `trusts_reply_to`, whoever is named in Reply-To has written, whatever
    the address: for forms of a website, whose mails all come from one sender. Without, a Reply-To counts
    for answers alone, and only at the sender's own domain.
    """

    display_name: Annotated[str, Field(max_length=200)] = ""
    language: Language | Annotated[str, Field(max_length=0)] = ""
    queue_id: UUID | None = None
    signature: Annotated[str, Field(max_length=2_000)] = ""
    acknowledges: bool = True
    acknowledgement: Sentence = Field(default_factory=dict)
    allowed_senders: Senders = Field(default_factory=list)
    denied_senders: Senders = Field(default_factory=list)
    trusts_reply_to: bool = False


class MailboxIn(MailboxFields):
    """A new mailbox; its address is for good, and nobody else's on the platform."""

    address: MailAddress


class MailboxPatch(Patch, MailboxFields):
    """What may change about a mailbox."""


class MailboxOut(BaseModel):
    """A mailbox. Mail for it is posted to `intake_path`, with its secret."""

    id: UUID
    version: int
    address: str
    display_name: str
    language: str
    queue_id: UUID | None
    signature: str
    acknowledges: bool
    acknowledgement: dict[str, str]
    allowed_senders: list[str]
    denied_senders: list[str]
    trusts_reply_to: bool
    intake_path: str
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


class MailboxWithSecretOut(MailboxOut):
    """A mailbox with its secret, which is shown this once."""

    secret: str


_DETAILS = tuple(MailboxDetails.__dataclass_fields__)
_LISTS = ("allowed_senders", "denied_senders")


def details_in(body: MailboxIn) -> MailboxDetails:
    """The details that a body gives."""
    return MailboxDetails(**{name: _value(body, name) for name in _DETAILS})


def changed(details: MailboxDetails, body: MailboxPatch) -> MailboxDetails:
    """The details with what the body mentions."""
    return replace(details, **{name: _value(body, name) for name in body.model_fields_set})


def shown(mailbox: Mailbox) -> dict[str, Any]:
    """A mailbox as the API shows one."""
    own = ("id", "version", "address", "created_at", "updated_at", "archived_at")
    return {
        **{name: getattr(mailbox, name) for name in own},
        **{name: getattr(mailbox.details, name) for name in _DETAILS},
        "intake_path": f"/p/desk/mail/{mailbox.id}",
    }


def _value(body: MailboxFields, name: str) -> Any:
    value = getattr(body, name)
    return tuple(value) if name in _LISTS else value
