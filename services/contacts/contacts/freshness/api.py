"""How fresh contact points are, and who is about to be lost from sight, over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from contacts.contact_points.reaching import ContactPoint
from contacts.freshness import operations, queries
from contacts.freshness.models import (
    ContactPointsOut,
    ContactPointStatusIn,
    FreshnessSettingsIn,
    FreshnessSettingsOut,
    GoingSilentQuery,
    limits_in,
    shown,
)
from contacts.people.api import WRITE as WRITE_PEOPLE
from contacts.people.domain import Person
from contacts.people.models import PersonOut
from contacts.people.models import shown as person_shown
from contacts.people.queries import READ as READ_PEOPLE
from contacts.transaction import ContactsTx

READ = "contacts.freshness.read"
WRITE = "contacts.freshness.write"

freshness_settings = Routes("/v1/contacts/freshness-settings", tag="freshness")
fresh_people = Routes("/v1/contacts/people", tag="freshness")


@freshness_settings.get("", permission=READ, returns=FreshnessSettingsOut)
def get_freshness_settings(call: Call[ContactsTx]) -> Reply:
    """Get how fast contact points age."""
    settings = call.read(queries.get_settings)
    return Reply(settings, version=settings["version"])


@freshness_settings.put(
    "",
    permission=WRITE,
    body=FreshnessSettingsIn,
    returns=FreshnessSettingsOut,
    conditional=True,
)
def set_freshness_settings(call: Call[ContactsTx], body: FreshnessSettingsIn) -> Response:
    """Set how fast contact points age; it holds for all of them at once."""
    limits = limits_in(body)
    return call.run(
        lambda tx: operations.change_settings(tx, limits),
        lambda _tx, settings: Reply(shown(settings), version=settings.version),
        about=call.caller.tenant_id,
    )


@fresh_people.get(
    "/going-silent",
    permission=READ_PEOPLE,
    listing=queries.GOING_SILENT,
    query=GoingSilentQuery,
    returns=PersonOut,
)
def list_people_going_silent(
    call: Call[ContactsTx], listing: Listing, query: GoingSilentQuery
) -> Reply:
    """List the people who are about to be lost from sight, the next ones first.

    They were seen once, can still be reached, and their last sign of life is older than
    `stale_after_days` within `within_days`. Who cannot be reached at all is in the list of people
    with `reachable=false`.
    """
    return Reply(call.read(queries.list_going_silent, listing, query.within_days))


@fresh_people.get(
    "/<uuid:person_id>/contact-points", permission=READ_PEOPLE, returns=ContactPointsOut
)
def list_contact_points(call: Call[ContactsTx], person_id: UUID) -> Reply:
    """List the e-mail addresses, numbers and handles of a person, and how fresh each is by now."""
    return Reply(call.read(queries.contact_points_of, person_id))


@fresh_people.put(
    "/<uuid:person_id>/contact-points/<uuid:contact_point_id>/status",
    permission=WRITE_PEOPLE,
    body=ContactPointStatusIn,
    returns=PersonOut,
    conditional=True,
)
def set_contact_point_status(
    call: Call[ContactsTx], body: ContactPointStatusIn, person_id: UUID, contact_point_id: UUID
) -> Response:
    """Note what was found out about a contact point, such as that a number is somebody else's.

    `verified` proves it anew, as entering it did; an `invalid` one is not written to any more.
    """
    status = body.status

    def reply(_tx: ContactsTx, noted: tuple[Person, ContactPoint]) -> Reply:
        person = noted[0]
        return Reply(person_shown(person), version=person.version)

    return call.run(
        lambda tx: operations.set_status(tx, person_id, contact_point_id, status),
        reply,
        about=person_id,
    )
