"""Fields of tickets over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.names import Key, Label
from desk.ticket_fields import operations, queries
from desk.ticket_fields.domain import (
    MOST_CHOICES,
    Choice,
    FieldDefinition,
    FieldKind,
    TicketField,
)
from desk.ticket_fields.models import shown
from desk.transaction import DeskTx

READ = "desk.ticket_fields.read"
WRITE = "desk.ticket_fields.write"

ticket_fields = Routes("/v1/desk/ticket-fields", tag="ticket fields")


class ChoiceIn(Body):
    """One of the values of a field of the kind `choice`."""

    key: Key
    label: Label


class FieldFields(Body):
    """What may change about a field; with `required` no ticket is resolved without it."""

    required: bool = False
    choices: Annotated[tuple[ChoiceIn, ...], Field(max_length=MOST_CHOICES)] = ()


class TicketFieldIn(FieldFields):
    """A new field; its key and its kind are for good."""

    key: Key
    kind: FieldKind
    label: Label


class TicketFieldPatch(Patch, FieldFields):
    """What may change about a field."""

    label: Label = Field(default_factory=dict)


class ChoiceOut(BaseModel):
    """One of the values of a field."""

    key: str
    label: dict[str, str]


class TicketFieldOut(BaseModel):
    """A field of tickets; `archived_at` is since when it takes no new values."""

    id: UUID
    version: int
    key: str
    kind: FieldKind
    label: dict[str, str]
    required: bool
    choices: list[ChoiceOut]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


@ticket_fields.get("", permission=READ, listing=queries.FIELDS, returns=TicketFieldOut)
def list_ticket_fields(call: Call[DeskTx], listing: Listing) -> Reply:
    """List fields of tickets by key, unless asked otherwise; archived ones only when asked for."""
    return Reply(call.read(queries.list_fields, listing))


@ticket_fields.post(
    "", permission=WRITE, body=TicketFieldIn, returns=TicketFieldOut, status=201, problems=(409,)
)
def define_ticket_field(call: Call[DeskTx], body: TicketFieldIn) -> Response:
    """Give tickets another field."""
    definition = FieldDefinition(**{"label": {}, **_changes_of(body)})

    def reply(_tx: DeskTx, one: TicketField) -> Reply:
        return Reply.created(f"{ticket_fields.prefix}/{one.id}", shown(one), one.version)

    return call.run(lambda tx: operations.define_field(tx, body.key, body.kind, definition), reply)


@ticket_fields.get("/<uuid:ticket_field_id>", permission=READ, returns=TicketFieldOut)
def get_ticket_field(call: Call[DeskTx], ticket_field_id: UUID) -> Reply:
    """Get a field of tickets."""
    field = call.read(queries.get_field, ticket_field_id)
    return Reply(field, version=field["version"])


@ticket_fields.patch(
    "/<uuid:ticket_field_id>", permission=WRITE, body=TicketFieldPatch, returns=TicketFieldOut
)
def change_ticket_field(
    call: Call[DeskTx], body: TicketFieldPatch, ticket_field_id: UUID
) -> Response:
    """Change what is mentioned of a field; values that tickets have stay as they are."""
    changes = _changes_of(body)
    return call.run(lambda tx: operations.change_field(tx, ticket_field_id, changes), _shown)


@ticket_fields.delete("/<uuid:ticket_field_id>", permission=WRITE)
def archive_ticket_field(call: Call[DeskTx], ticket_field_id: UUID) -> Response:
    """Archive a field: it takes no new values, and those there are stay."""
    return call.run(
        lambda tx: operations.archive_field(tx, ticket_field_id), lambda _tx, _one: Reply.nothing()
    )


@ticket_fields.post(
    "/<uuid:ticket_field_id>/restore",
    permission=WRITE,
    returns=TicketFieldOut,
    conditional=True,
    problems=(409,),
)
def restore_ticket_field(call: Call[DeskTx], ticket_field_id: UUID) -> Response:
    """Have an archived field take values again."""
    return call.run(lambda tx: operations.restore_field(tx, ticket_field_id), _shown)


def _changes_of(body: TicketFieldIn | TicketFieldPatch) -> dict[str, Any]:
    names = {"label", "required", "choices"} & body.model_fields_set
    changes: dict[str, Any] = {name: getattr(body, name) for name in names}
    if "choices" in changes:
        changes["choices"] = tuple(Choice(one.key, one.label) for one in body.choices)
    return changes


def _shown(_tx: DeskTx, one: TicketField) -> Reply:
    return Reply(shown(one), version=one.version)
