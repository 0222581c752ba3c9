"""Members over REST."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from flask import Response

from chassis.domain import DomainError
from chassis.http.batch import BATCH_BODY, BatchOut, Done, Outcome, answer_batch, each_apart
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from chassis.storage.unit_of_work import Reading
from loyalty.members import memberships, operations, queries
from loyalty.members.domain import Member, MemberSource
from loyalty.members.memberships import member_with_points
from loyalty.members.models import (
    LeavingIn,
    ListedMemberOut,
    MemberDetailOut,
    MemberIn,
    MemberOut,
    MemberPatch,
    MembersIn,
    SuspensionIn,
    external_ids_in,
    key_in,
    particulars_in,
    shown,
)
from loyalty.members.operations import Enrolled
from loyalty.transaction import LoyaltyTx

READ = "loyalty.members.read"
WRITE = "loyalty.members.write"
SUSPEND = "loyalty.members.suspend"

members = Routes("/v1/loyalty/members", tag="members")


@members.get("", permission=READ, listing=queries.MEMBERS, returns=ListedMemberOut)
def list_members(call: Call[LoyaltyTx], listing: Listing) -> Reply:
    """List members, newest first unless asked otherwise."""
    return Reply(call.read(memberships.list_members, listing))


@members.post(
    "",
    permission=WRITE,
    body=MemberIn,
    returns=MemberOut,
    status=201,
    otherwise=200,
    problems=(404, 409),
)
def enrol_member(call: Call[LoyaltyTx], body: MemberIn) -> Response:
    """Make a person a member of a program; 200 with the member who is one already."""
    known = particulars_in(body)
    return call.run(
        lambda tx: operations.enrol_by_api(
            tx, body.program_id, body.person_id, MemberSource.API, known
        ),
        _enrolled,
    )


@members.post("/batch", permission=WRITE, body=MembersIn, body_limit=BATCH_BODY, returns=BatchOut)
def enrol_members(call: Call[LoyaltyTx], body: MembersIn) -> Response:
    """Make up to 1,000 people members; each is answered in its place."""

    def enrol(tx: LoyaltyTx, item: MemberIn) -> Done:
        asked = (item.program_id, item.person_id, MemberSource.BATCH, particulars_in(item))
        done = operations.enrol_by_api(tx, *asked)
        tx.flush()
        told = {"id": done.member.id, "version": done.member.version}
        return Done(201 if done.new else 200, told)

    def enrol_each(tx: LoyaltyTx, items: Sequence[MemberIn | DomainError]) -> Sequence[Outcome]:
        return each_apart(tx, items, lambda item: enrol(tx, item))

    return answer_batch(call, body, MemberIn, enrol_each)


@members.get("/by-number/<member_number>", permission=READ, returns=MemberDetailOut)
def get_member_by_number(call: Call[LoyaltyTx], member_number: str) -> Reply:
    """Get the member with a number, however it was typed."""
    return call.read(_detail, lambda reading: queries.member_by_number(reading, member_number))


@members.get(
    "/by-external-id/<system>/<path:external_id>", permission=READ, returns=MemberDetailOut
)
def get_member_by_external_id(call: Call[LoyaltyTx], system: str, external_id: str) -> Reply:
    """Get the member whom another system calls so."""
    key = key_in(system, external_id)
    return call.read(_detail, lambda reading: queries.member_by_external_id(reading, key))


@members.put(
    "/by-external-id/<system>/<path:external_id>",
    permission=WRITE,
    body=MemberIn,
    returns=MemberOut,
    problems=(404, 409),
)
def enrol_member_once(
    call: Call[LoyaltyTx], body: MemberIn, system: str, external_id: str
) -> Response:
    """Make a person a member whom another system calls so, unless it is known already."""
    key, known = key_in(system, external_id), particulars_in(body)
    return call.run(
        lambda tx: operations.enrol_once(tx, body.program_id, body.person_id, key, known),
        _enrolled,
    )


@members.get("/<uuid:member_id>", permission=READ, returns=MemberDetailOut)
def get_member(call: Call[LoyaltyTx], member_id: UUID) -> Reply:
    """Get a member with its points, its tier, and what is missing to the next."""
    return call.read(_detail, lambda reading: queries.member(reading, member_id))


@members.patch(
    "/<uuid:member_id>", permission=WRITE, body=MemberPatch, returns=MemberOut, problems=(409,)
)
def rename_member(call: Call[LoyaltyTx], body: MemberPatch, member_id: UUID) -> Response:
    """Note what other systems call a member."""
    given = external_ids_in(body.external_ids)

    def rename(tx: LoyaltyTx) -> Member:
        if not body.model_fields_set:
            return tx.members.get(member_id)
        return operations.rename_member(tx, member_id, given)

    return call.run(rename, _shown)


@members.post(
    "/<uuid:member_id>/suspend",
    permission=SUSPEND,
    body=SuspensionIn,
    returns=MemberOut,
    problems=(409,),
)
def suspend_member(call: Call[LoyaltyTx], body: SuspensionIn, member_id: UUID) -> Response:
    """Have a member earn and spend nothing until further notice."""
    return call.run(lambda tx: operations.suspend_member(tx, member_id, body.reason), _shown)


@members.post("/<uuid:member_id>/reinstate", permission=SUSPEND, returns=MemberOut, problems=(409,))
def reinstate_member(call: Call[LoyaltyTx], member_id: UUID) -> Response:
    """Have a suspended member earn and spend again."""
    return call.run(lambda tx: operations.reinstate_member(tx, member_id), _shown)


@members.post(
    "/<uuid:member_id>/leave",
    permission=WRITE,
    body=LeavingIn,
    returns=MemberOut,
    problems=(409,),
)
def leave_program(call: Call[LoyaltyTx], body: LeavingIn, member_id: UUID) -> Response:
    """Have a member leave the program; what was earned stays, and cannot be spent."""
    return call.run(lambda tx: operations.leave_program(tx, member_id, body.reason), _shown)


@members.post("/<uuid:member_id>/rejoin", permission=WRITE, returns=MemberOut, problems=(409,))
def rejoin_program(call: Call[LoyaltyTx], member_id: UUID) -> Response:
    """Have who left be a member again, under the same number."""
    return call.run(lambda tx: operations.rejoin_program(tx, member_id), _shown)


def _detail(reading: Reading, find: Callable[[Reading], Member]) -> Reply:
    """No entity tag: points and tiers change without the member."""
    return Reply(member_with_points(reading, find(reading)))


def _enrolled(_tx: LoyaltyTx, done: Enrolled) -> Reply:
    member = done.member
    if not done.new:
        return Reply(shown(member), version=member.version)
    return Reply.created(f"{members.prefix}/{member.id}", shown(member), member.version)


def _shown(_tx: LoyaltyTx, member: Member) -> Reply:
    return Reply(shown(member), version=member.version)
