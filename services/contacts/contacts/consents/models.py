"""Consents as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from chassis.http.batch import BatchIn, items_of
from chassis.http.body import Body, Moment
from contacts.consents.domain import Consent, ConsentKey, ConsentState, Word
from contacts.consents.operations import Heard
from contacts.consents.storage import STANDING
from contacts.contact_points.domain import Channel
from contacts.purposes.domain import LegalBasis

Source = Annotated[str, Field(min_length=1, max_length=100)]
Proof = Annotated[str, Field(max_length=500)]
_SHOWN = ("asked_at", "created_at", "updated_at")


class SayingIn(Body):
    """What a person has said: yes (`granted`) or no (`withdrawn`), where, and what proves it.

    Without `said_at` it was said just now. Without `legal_basis` the purpose's own holds. A yes for
    a purpose with double opt-in becomes `pending` and is confirmed by a message to the address,
    unless `confirmed` says that the address has confirmed it elsewhere; that needs a `proof`.
    """

    state: Literal["granted", "withdrawn"]
    source: Source
    proof: Proof = ""
    legal_basis: LegalBasis | None = None
    said_at: Moment | None = None
    confirmed: bool = False

    @model_validator(mode="after")
    def _proven(self) -> SayingIn:
        if self.confirmed and not self.proof:
            raise ValueError("needs a proof of what was confirmed elsewhere")
        return self


class ConsentIn(SayingIn):
    """What a person has said about a purpose on a channel."""

    person_id: UUID
    purpose: Annotated[str, Field(min_length=1, max_length=50)]
    channel: Channel


class ConsentsBatchIn(BatchIn):
    """Up to 1,000 sayings."""

    items: Annotated[tuple[Any, ...], items_of(ConsentIn)]


class ConsentOut(BaseModel):
    """What a person has said about a purpose on a channel; without id and version 0, nothing yet.

    Only `granted` allows anything. `said_at` is the time of the last saying that counts,
    `asked_at` when a message last asked for confirmation.
    """

    id: UUID | None
    version: int
    person_id: UUID
    purpose: str
    channel: Channel
    state: ConsentState
    legal_basis: LegalBasis | None
    source: str | None
    proof: str | None
    said_at: datetime | None
    granted_at: datetime | None
    confirmed_at: datetime | None
    withdrawn_at: datetime | None
    asked_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None


class ConsentsOut(BaseModel):
    items: list[ConsentOut]


class SaidOut(BaseModel):
    """One saying; `counted` unless something later had been said before it was recorded."""

    id: UUID
    word: Word
    legal_basis: LegalBasis
    source: str
    proof: str
    said_at: datetime
    recorded_at: datetime
    recorded_by: str
    counted: bool


def heard_of(body: SayingIn, key: ConsentKey) -> Heard:
    """What a body tells about a consent."""
    return Heard(
        key=key,
        granted=body.state == "granted",
        source=body.source,
        proof=body.proof,
        legal_basis=body.legal_basis,
        said_at=body.said_at,
        confirmed=body.confirmed,
    )


def shown(consent: Consent) -> dict[str, Any]:
    """A consent as the API shows one, without reading it back."""
    return {
        "id": consent.id,
        "version": consent.version,
        **consent.key._asdict(),
        **{name: getattr(consent.standing, name) for name in STANDING},
        **{name: getattr(consent, name) for name in _SHOWN},
    }
