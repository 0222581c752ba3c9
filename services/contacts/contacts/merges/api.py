"""Merges over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from contacts.merges import operations, queries
from contacts.merges.domain import Merge
from contacts.merges.models import MadeMergeOut, MergeIn, MergeOut, UndoneMergeOut
from contacts.people.api import WRITE
from contacts.people.queries import READ, get_person
from contacts.transaction import ContactsTx

merges = Routes("/v1/contacts/merges", tag="merges")
merges_of_people = Routes("/v1/contacts/people/<uuid:person_id>", tag="merges")


@merges_of_people.post(
    "/merge",
    permission=WRITE,
    body=MergeIn,
    returns=MadeMergeOut,
    status=201,
    conditional=True,
    problems=(409,),
)
def merge_people(call: Call[ContactsTx], body: MergeIn, person_id: UUID) -> Response:
    """Make another person one with this one, who is left.

    Single fields are this person's unless they are empty or `fields` says otherwise; lists are
    united. All that belongs to the other belongs to this one from then on, and whoever asks for the
    other is answered with this one. It can be undone. `If-Match` is about this person.
    """

    def reply(tx: ContactsTx, merge: Merge) -> Reply:
        answer = {**queries.shown(merge), "person": get_person(tx, merge.survivor_id)}
        return Reply.created(f"{merges.prefix}/{merge.id}", answer, merge.version)

    return call.run(
        lambda tx: operations.merge_people(tx, person_id, body.person_id, body.fields), reply
    )


@merges.get("", permission=READ, listing=queries.MERGES, returns=MergeOut)
def list_merges(call: Call[ContactsTx], listing: Listing) -> Reply:
    """List merges, the latest first unless asked otherwise; undone ones are among them."""
    return Reply(call.read(queries.list_merges, listing))


@merges.get("/<uuid:merge_id>", permission=READ, returns=MergeOut)
def get_merge(call: Call[ContactsTx], merge_id: UUID) -> Reply:
    """Get a merge: who, when, by whom, and what was chosen."""
    merge = call.read(queries.get_merge, merge_id)
    return Reply(merge, version=merge["version"])


@merges.post(
    "/<uuid:merge_id>/undo",
    permission=WRITE,
    returns=UndoneMergeOut,
    conditional=True,
    problems=(409,),
)
def undo_merge(call: Call[ContactsTx], merge_id: UUID) -> Response:
    """Undo a merge: two people again.

    Who was gone is back under the same id, as they were, with what was theirs. What has come since
    stays with the survivor, and so do fields that were changed since. Merges into one person may be
    undone in any order; when the survivor was merged in turn, that merge is to be undone first.
    """

    def reply(tx: ContactsTx, merge: Merge) -> Reply:
        people = {
            "person": get_person(tx, merge.survivor_id),
            "merged_person": get_person(tx, merge.merged_id),
        }
        return Reply({**queries.shown(merge), **people}, version=merge.version)

    return call.run(lambda tx: operations.undo_merge(tx, merge_id), reply)
