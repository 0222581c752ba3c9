"""Custom fields over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from contacts.custom_fields import operations, queries
from contacts.custom_fields.domain import CustomField
from contacts.custom_fields.models import (
    CustomFieldIn,
    CustomFieldOut,
    CustomFieldPatch,
    changed,
    definition_in,
    shown,
)
from contacts.transaction import ContactsTx

READ = "contacts.custom_fields.read"
WRITE = "contacts.custom_fields.write"

custom_fields = Routes("/v1/contacts/custom-fields", tag="custom fields")


@custom_fields.get("", permission=READ, listing=queries.FIELDS, returns=CustomFieldOut)
def list_custom_fields(call: Call[ContactsTx], listing: Listing) -> Reply:
    """List the fields that the tenant has defined, by position unless asked otherwise."""
    return Reply(call.read(queries.list_fields, listing))


@custom_fields.post(
    "", permission=WRITE, body=CustomFieldIn, returns=CustomFieldOut, status=201, problems=(409,)
)
def define_custom_field(call: Call[ContactsTx], body: CustomFieldIn) -> Response:
    """Define a field of people or companies; its key and type are for good."""
    definition = definition_in(body)

    def reply(_tx: ContactsTx, field: CustomField) -> Reply:
        location = f"{custom_fields.prefix}/{field.id}"
        return Reply.created(location, shown(field), field.version)

    return call.run(lambda tx: operations.define_field(tx, definition), reply)


@custom_fields.get("/<uuid:field_id>", permission=READ, returns=CustomFieldOut)
def get_custom_field(call: Call[ContactsTx], field_id: UUID) -> Reply:
    """Get a field."""
    field = call.read(queries.get_field, field_id)
    return Reply(field, version=field["version"])


@custom_fields.patch(
    "/<uuid:field_id>", permission=WRITE, body=CustomFieldPatch, returns=CustomFieldOut
)
def redefine_custom_field(
    call: Call[ContactsTx], body: CustomFieldPatch, field_id: UUID
) -> Response:
    """Change a field; values that records hold already stay as they are."""
    return call.run(
        lambda tx: operations.redefine_field(tx, field_id, lambda old: changed(old, body)), _shown
    )


@custom_fields.delete("/<uuid:field_id>", permission=WRITE)
def archive_custom_field(call: Call[ContactsTx], field_id: UUID) -> Response:
    """Archive a field: it takes no new values, and those that there are stay readable."""
    return call.run(
        lambda tx: operations.archive_field(tx, field_id), lambda _tx, _field: Reply.nothing()
    )


@custom_fields.post("/<uuid:field_id>/restore", permission=WRITE, returns=CustomFieldOut)
def restore_custom_field(call: Call[ContactsTx], field_id: UUID) -> Response:
    """Take an archived field back into use."""
    return call.run(lambda tx: operations.restore_field(tx, field_id), _shown)


def _shown(_tx: ContactsTx, field: CustomField) -> Reply:
    return Reply(shown(field), version=field.version)
