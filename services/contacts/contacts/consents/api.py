"""Consents over REST."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Response

from chassis.domain import DomainError, NotFound
from chassis.http.batch import BATCH_BODY, BatchOut, Done, Outcome, answer_batch
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from contacts.consents import operations, queries
from contacts.consents.domain import Consent, ConsentKey
from contacts.consents.models import (
    ConsentIn,
    ConsentOut,
    ConsentsBatchIn,
    ConsentsOut,
    SaidOut,
    SayingIn,
    heard_of,
    shown,
)
from contacts.consents.queries import READ
from contacts.contact_points.domain import Channel
from contacts.transaction import ContactsTx

WRITE = "contacts.consents.write"
_ONE = "/consents/<purpose>/<channel>"


consents = Routes("/v1/contacts/consents", tag="consents")
consents_of_people = Routes("/v1/contacts/people/<uuid:person_id>", tag="consents")


@consents.get("", permission=READ, listing=queries.CONSENTS, returns=ConsentOut)
def list_consents(call: Call[ContactsTx], listing: Listing) -> Reply:
    """List what people have said, what changed last first unless asked otherwise."""
    return Reply(call.read(queries.list_consents, listing))


@consents.post(
    "/batch", permission=WRITE, body=ConsentsBatchIn, body_limit=BATCH_BODY, returns=BatchOut
)
def record_consents(call: Call[ContactsTx], body: ConsentsBatchIn) -> Response:
    """Note up to 1,000 sayings; each is answered in its place, with `atomic` all or none."""
    return answer_batch(call, body, ConsentIn, _record)


@consents_of_people.get("/consents", permission=READ, returns=ConsentsOut)
def list_consents_of_person(call: Call[ContactsTx], person_id: UUID) -> Reply:
    """Get what a person has said about each purpose on each channel, and where nothing yet."""
    return Reply(call.read(queries.consents_of, person_id))


@consents_of_people.get(_ONE, permission=READ, returns=ConsentOut)
def get_consent(call: Call[ContactsTx], person_id: UUID, purpose: str, channel: str) -> Reply:
    """Get what a person has said about a purpose on a channel."""
    consent = call.read(queries.get_consent, _key(person_id, purpose, channel))
    return Reply(consent, version=consent["version"])


@consents_of_people.put(_ONE, permission=WRITE, body=SayingIn, returns=ConsentOut, conditional=True)
def record_consent(
    call: Call[ContactsTx], body: SayingIn, person_id: UUID, purpose: str, channel: str
) -> Response:
    """Note that a person says yes or no to a purpose on a channel; no is always taken.

    What is older than the last saying is noted and changes nothing. Saying yes to what is pending
    asks again for confirmation, once in five minutes at most.
    """
    key = _key(person_id, purpose, channel)
    heard = heard_of(body, key)
    about = call.read(queries.consent_id_of, key) if "If-Match" in call.request.headers else None
    return call.run(lambda tx: operations.record_consent(tx, heard), _shown, about)


@consents_of_people.get(
    f"{_ONE}/history", permission=READ, listing=queries.HISTORY, returns=SaidOut
)
def list_consent_history(
    call: Call[ContactsTx], listing: Listing, person_id: UUID, purpose: str, channel: str
) -> Reply:
    """List all that a person has ever said about it, what was recorded last first."""
    return Reply(call.read(queries.list_history, listing, _key(person_id, purpose, channel)))


def _record(tx: ContactsTx, items: Sequence[ConsentIn | DomainError]) -> list[Outcome]:
    heard = [
        item
        if isinstance(item, DomainError)
        else heard_of(item, ConsentKey(item.person_id, item.purpose, item.channel))
        for item in items
    ]
    return [_outcome(result) for result in operations.record_consents(tx, heard)]


def _outcome(result: Consent | DomainError) -> Outcome:
    if isinstance(result, DomainError):
        return result
    return Done(200, {"id": result.id, "version": result.version, "state": result.state})


def _key(person_id: UUID, purpose: str, channel: str) -> ConsentKey:
    """What the path names. Raises `NotFound` for a channel that there is not."""
    if channel not in set(Channel) or "\x00" in purpose:
        raise NotFound.of("channel", channel)
    return ConsentKey(person_id, purpose, Channel(channel))


def _shown(_tx: ContactsTx, consent: Consent) -> Reply:
    return Reply(shown(consent), version=consent.version)
