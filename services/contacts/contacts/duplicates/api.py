"""People who may be one, over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from chassis.work.jobs_api import Job, job_accepted
from contacts.duplicates import operations, queries
from contacts.duplicates.domain import DuplicatePair
from contacts.duplicates.models import (
    AlikeListOut,
    DuplicateSettingsIn,
    DuplicateSettingsOut,
    MergePairIn,
    PairDetailsOut,
    PairOut,
    limits_in,
    settings_shown,
)
from contacts.merges.domain import Merge
from contacts.merges.models import MadeMergeOut
from contacts.merges.queries import shown as merge_shown
from contacts.people.api import WRITE as WRITE_PEOPLE
from contacts.people.domain import PersonDetails
from contacts.people.models import PersonIn, changes_of
from contacts.people.normalisation import normalised
from contacts.people.queries import READ as READ_PEOPLE
from contacts.people.queries import get_person
from contacts.quality.normalise import Defaults
from contacts.transaction import ContactsTx

READ = "contacts.duplicates.read"
WRITE = "contacts.duplicates.write"

duplicates = Routes("/v1/contacts/duplicates", tag="duplicates")
duplicates_of_people = Routes("/v1/contacts/people", tag="duplicates")
duplicate_settings = Routes("/v1/contacts/duplicate-settings", tag="duplicates")


@duplicates.get("", permission=READ_PEOPLE, listing=queries.PAIRS, returns=PairOut)
def list_duplicates(call: Call[ContactsTx], listing: Listing) -> Reply:
    """List pairs of people who may be one, the likeliest first; those that nobody has decided yet.

    `state` asks for others. Both people have to be within reach.
    """
    return Reply(call.read(queries.list_pairs, listing))


@duplicates.get("/<uuid:pair_id>", permission=READ_PEOPLE, returns=PairDetailsOut)
def get_duplicate(call: Call[ContactsTx], pair_id: UUID) -> Reply:
    """Get a pair: what says that they are one, and what is proposed to be left, field by field."""
    pair = call.read(queries.get_pair, pair_id)
    return Reply(pair, version=pair["version"])


@duplicates.post(
    "/<uuid:pair_id>/merge",
    permission=WRITE_PEOPLE,
    body=MergePairIn,
    returns=MadeMergeOut,
    status=201,
    conditional=True,
    problems=(409,),
)
def merge_duplicate(call: Call[ContactsTx], body: MergePairIn, pair_id: UUID) -> Response:
    """Make the two one, as is proposed, or with the survivor and fields that the body names.

    It is a merge as any other, and can be undone; then the two are told apart. `If-Match` is about the pair.
    """

    def reply(tx: ContactsTx, merge: Merge) -> Reply:
        answer = {**merge_shown(merge), "person": get_person(tx, merge.survivor_id)}
        return Reply.created(f"/v1/contacts/merges/{merge.id}", answer, merge.version)

    return call.run(
        lambda tx: operations.merge_pair(tx, pair_id, body.survivor_id, body.fields), reply
    )


@duplicates.post(
    "/<uuid:pair_id>/dismiss",
    permission=WRITE_PEOPLE,
    returns=PairDetailsOut,
    conditional=True,
    problems=(409,),
)
def dismiss_duplicate(call: Call[ContactsTx], pair_id: UUID) -> Response:
    """Decide that the two are two.

    They are not offered again unless what speaks for their being one becomes eight times as strong as it is
    now.
    """
    return call.run(lambda tx: operations.dismiss_pair(tx, pair_id), _shown)


@duplicates.post(
    "/<uuid:pair_id>/reopen",
    permission=WRITE_PEOPLE,
    returns=PairDetailsOut,
    conditional=True,
    problems=(409,),
)
def reopen_duplicate(call: Call[ContactsTx], pair_id: UUID) -> Response:
    """Have a dismissed pair decided anew."""
    return call.run(lambda tx: operations.reopen_pair(tx, pair_id), _shown)


@duplicates.post("/find", permission=WRITE, returns=Job, status=202, problems=(409,))
def find_duplicates(call: Call[ContactsTx]) -> Response:
    """Compare all people of the tenant with each other.

    Whoever is entered or changed is compared soon after by itself; this is for those who were there before,
    and after a change of the settings. One job at a time; it needs reach over all.
    """
    return call.run(
        operations.begin_finding, lambda tx, job_id: job_accepted(tx, "contacts", job_id)
    )


@duplicates_of_people.get(
    "/<uuid:person_id>/duplicates", permission=READ_PEOPLE, returns=AlikeListOut
)
def list_duplicates_of_person(call: Call[ContactsTx], person_id: UUID) -> Reply:
    """List who may be the same as a person by what is known now, dismissed or not."""
    return Reply(call.read(queries.duplicates_of, person_id))


@duplicates_of_people.post(
    "/find-duplicates", permission=READ_PEOPLE, body=PersonIn, returns=AlikeListOut
)
def find_duplicates_of_details(call: Call[ContactsTx], body: PersonIn) -> Reply:
    """List who may be the same as somebody with these details, who is not entered."""
    call.check_headers()
    given = PersonDetails(**changes_of(body))
    today = call.read(lambda reading: reading.clock.now().date())
    details = normalised(given, Defaults(), today).details
    return Reply(call.read(queries.duplicates_like, details))


@duplicate_settings.get("", permission=READ, returns=DuplicateSettingsOut)
def get_duplicate_settings(call: Call[ContactsTx]) -> Reply:
    """Get from which probability on people are offered as one, and made one."""
    settings = call.read(queries.get_settings)
    return Reply(settings, version=settings["version"])


@duplicate_settings.put(
    "",
    permission=WRITE,
    body=DuplicateSettingsIn,
    returns=DuplicateSettingsOut,
    conditional=True,
)
def set_duplicate_settings(call: Call[ContactsTx], body: DuplicateSettingsIn) -> Response:
    """Set from which probability on people are offered as one, and made one without asking.

    It holds for whoever is compared from then on; `POST …/duplicates/find` compares all. Needs reach over
    all.
    """
    limits = limits_in(body)
    return call.run(
        lambda tx: operations.change_settings(tx, limits),
        lambda _tx, settings: Reply(settings_shown(settings), version=settings.version),
        about=call.caller.tenant_id,
    )


def _shown(tx: ContactsTx, pair: DuplicatePair) -> Reply:
    return Reply(queries.get_pair(tx, pair.id), version=pair.version)
