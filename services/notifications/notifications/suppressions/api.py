"""Suppressions over REST."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from chassis.domain import DomainError
from chassis.http.batch import (
    BATCH_BODY,
    BatchIn,
    BatchOut,
    Done,
    Outcome,
    answer_batch,
    each_apart,
    items_of,
)
from chassis.http.body import Body
from chassis.http.call import Call
from chassis.http.query_string import Query
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from notifications.messages.addresses import check_address
from notifications.secrecy import Fingerprints
from notifications.suppressions import operations, queries
from notifications.suppressions.domain import (
    Scope,
    Suppression,
    SuppressionReason,
    Whom,
    hint_of,
)
from notifications.transaction import NotificationsTx

READ = "notifications.suppressions.read"
WRITE = "notifications.suppressions.write"
_CHANNELS = ("email", "sms", "line", "chat", "push", "post")


class SuppressionsQuery(Query):
    """Those of one address, of which only a fingerprint is kept."""

    address: Annotated[str, Field(max_length=1000)] | None = None


class SuppressionIn(Body):
    """Whom to send nothing more: a person, an address, or both.

    An empty `purpose` is everything promotional; `everything` holds back transactional messages, too.
    """

    channel: Annotated[str, Field(min_length=1, max_length=30, pattern=r"^[a-z][a-z0-9_]*$")]
    purpose: Annotated[str, Field(max_length=100)] = ""
    everything: bool = False
    person_id: UUID | None = None
    address: Annotated[str, Field(min_length=1, max_length=1000)] | None = None


class SuppressionsBatchIn(BatchIn):
    """Up to 1,000 suppressions."""

    items: Annotated[tuple[Any, ...], items_of(SuppressionIn)]


class SuppressionOut(BaseModel):
    """A suppression. `address_hint` is what is kept of the address to recognise it by."""

    id: UUID
    version: int
    channel: str
    purpose: str
    everything: bool
    person_id: UUID | None
    address_hint: str
    reason: SuppressionReason
    message_id: UUID | None
    created_by: str
    created_at: datetime


def suppression_routes(fingerprints: Fingerprints) -> Routes:
    """The routes; addresses are looked up by their fingerprints."""
    routes = Routes("/v1/notifications/suppressions", tag="suppressions")
    _reads(routes, fingerprints)
    _changes(routes, fingerprints)
    return routes


def _reads(routes: Routes, fingerprints: Fingerprints) -> None:
    @routes.get(
        "",
        permission=READ,
        listing=queries.SUPPRESSIONS,
        query=SuppressionsQuery,
        returns=SuppressionOut,
    )
    def list_suppressions(
        call: Call[NotificationsTx], listing: Listing, query: SuppressionsQuery
    ) -> Reply:
        """List suppressions, the latest first unless asked otherwise."""
        wanted = None
        if query.address is not None:
            wanted = [fingerprints.of(channel, query.address) for channel in _CHANNELS]
        return Reply(call.read(queries.list_suppressions, listing, wanted))

    @routes.get("/<uuid:suppression_id>", permission=READ, returns=SuppressionOut)
    def get_suppression(call: Call[NotificationsTx], suppression_id: UUID) -> Reply:
        """Get a suppression."""
        found = call.read(queries.get_suppression, suppression_id)
        return Reply(found, version=found["version"])


def _changes(routes: Routes, fingerprints: Fingerprints) -> None:
    @routes.post("", permission=WRITE, body=SuppressionIn, returns=SuppressionOut, status=201)
    def suppress_recipient(call: Call[NotificationsTx], body: SuppressionIn) -> Response:
        """Send somebody nothing more on a channel; the suppression that says so already, if any."""

        def reply(tx: NotificationsTx, made: Suppression) -> Reply:
            shown = queries.get_suppression(tx, made.id)
            return Reply.created(f"{routes.prefix}/{made.id}", shown, made.version)

        meant = _meant(body, fingerprints)
        return call.run(lambda tx: operations.suppress(tx, *meant), reply)

    @routes.post(
        "/batch",
        permission=WRITE,
        body=SuppressionsBatchIn,
        body_limit=BATCH_BODY,
        returns=BatchOut,
    )
    def suppress_recipients(call: Call[NotificationsTx], body: SuppressionsBatchIn) -> Response:
        """Send up to 1,000 nothing more: a list from another system, say.

        Each is answered in its place, with the suppression that says so already, if any; with
        `atomic` all or none.
        """

        def one(tx: NotificationsTx, item: SuppressionIn) -> Done:
            made = operations.suppress_in_turn(tx, *_meant(item, fingerprints))
            return Done(201, {"id": made.id, "version": made.version})

        def all_of(
            tx: NotificationsTx, items: Sequence[SuppressionIn | DomainError]
        ) -> Sequence[Outcome]:
            tx.suppressions.take_turn()
            return each_apart(tx, items, lambda item: one(tx, item))

        return answer_batch(call, body, SuppressionIn, all_of)

    @routes.delete("/<uuid:suppression_id>", permission=WRITE)
    def lift_suppression(call: Call[NotificationsTx], suppression_id: UUID) -> Response:
        """Lift a suppression: consents count again."""
        return call.run(
            lambda tx: operations.lift_suppression(tx, suppression_id),
            lambda _tx, _nothing: Reply.nothing(),
        )


def _meant(
    body: SuppressionIn, fingerprints: Fingerprints
) -> tuple[Scope, Whom, SuppressionReason]:
    """What an administrator wants suppressed. Raises `Invalid`."""
    scope = Scope(body.channel, body.purpose, body.everything)
    return scope, _whom(body, fingerprints), SuppressionReason.MANUAL


def _whom(body: SuppressionIn, fingerprints: Fingerprints) -> Whom:
    if body.address is None:
        return Whom(body.person_id)
    check_address(body.channel, body.address, "/address")
    found = fingerprints.of(body.channel, body.address)
    return Whom(body.person_id, found, hint_of(body.address.strip()))
