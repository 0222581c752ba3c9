"""Users over REST."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Response

from chassis.domain import DomainError, Forbidden
from chassis.http.batch import BATCH_BODY, BatchOut, Done, Outcome, answer_batch
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import SIGNED_IN, Routes
from chassis.storage.listing import Listing
from identity.transaction import IdentityTx
from identity.users import bulk, operations, queries
from identity.users.domain import User, UserStatus
from identity.users.invitations import Invitations
from identity.users.models import (
    InvitedUserOut,
    ProfilePatch,
    ReinvitationsIn,
    UserIn,
    UserOut,
    UserPatch,
    UserRefIn,
    UsersBatchIn,
)
from identity.users.operations import Invited

READ = "identity.users.read"
WRITE = "identity.users.write"

own_profile = Routes("/v1/identity/me", tag="users")
users = Routes("/v1/identity/users", tag="users")


@own_profile.get("", permission=SIGNED_IN, returns=UserOut)
def get_own_profile(call: Call[IdentityTx]) -> Reply:
    """Get one's own profile."""
    user_id = call.caller.user_id
    if user_id is None:
        raise Forbidden("Only a user has a profile.", code="user_needed")
    user = call.read(queries.get_user, user_id)
    return Reply(user, version=user["version"])


@own_profile.patch("", permission=SIGNED_IN, body=ProfilePatch, returns=UserOut)
def change_own_profile(call: Call[IdentityTx], body: ProfilePatch) -> Response:
    """Change one's own name, language or time zone."""
    return call.run(
        lambda tx: operations.change_own_profile(tx, body.changes()), _shown, call.caller.user_id
    )


@users.get("", permission=READ, listing=queries.USERS, returns=UserOut)
def list_users(call: Call[IdentityTx], listing: Listing) -> Reply:
    """List users within reach, by name unless asked otherwise; `q` looks into names and addresses."""
    return Reply(call.read(queries.list_users, listing))


@users.post(
    "/batch",
    permission=WRITE,
    body=UsersBatchIn,
    body_limit=BATCH_BODY,
    returns=BatchOut,
)
def invite_users(call: Call[IdentityTx], body: UsersBatchIn) -> Response:
    """Invite up to 1,000 people by e-mail.

    Each is answered in its place; with `atomic` all are invited or none. The mails leave after the
    answer, each with a link that nobody else is shown: `invitation_expires_at` says that one has left.
    """

    def invite(tx: IdentityTx, items: Sequence[UserIn | DomainError]) -> list[Outcome]:
        wanted = [
            one
            if isinstance(one, DomainError)
            else bulk.Invitee(one.email, one.changes(), frozenset(one.role_ids))
            for one in items
        ]
        return [_outcome(one, 201) for one in bulk.invite_users(tx, wanted)]

    return answer_batch(call, body, UserIn, invite)


@users.post("/batch-resend-invitations", permission=WRITE, body=ReinvitationsIn, returns=BatchOut)
def resend_invitations(call: Call[IdentityTx], body: ReinvitationsIn) -> Response:
    """Invite up to 1,000 people anew who have not accepted, as after seven days.

    The mails leave after the answer; links from before work until then. Of too many to one address
    some are not sent, so that nobody's mailbox is flooded.
    """

    def resend(tx: IdentityTx, items: Sequence[UserRefIn | DomainError]) -> list[Outcome]:
        wanted = [one if isinstance(one, DomainError) else one.id for one in items]
        return [_outcome(one, 200) for one in bulk.reinvite_users(tx, wanted)]

    return answer_batch(call, body, UserRefIn, resend)


@users.get("/<uuid:user_id>", permission=READ, returns=UserOut)
def get_user(call: Call[IdentityTx], user_id: UUID) -> Reply:
    """Get a user."""
    user = call.read(queries.get_user, user_id)
    return Reply(user, version=user["version"])


@users.patch("/<uuid:user_id>", permission=WRITE, body=UserPatch, returns=UserOut)
def change_user(call: Call[IdentityTx], body: UserPatch, user_id: UUID) -> Response:
    """Change what is mentioned of a user; `role_ids` are replaced as a whole.

    Nobody can give or take roles that allow more than they may do themselves.
    """
    given = body.model_fields_set
    email = body.email if "email" in given else None
    roles = body.role_ids if "role_ids" in given else None
    return call.run(
        lambda tx: operations.change_user(tx, user_id, body.changes(), email, roles), _shown
    )


@users.put("/<uuid:user_id>/roles/<uuid:role_id>", permission=WRITE, returns=UserOut)
def assign_role(call: Call[IdentityTx], user_id: UUID, role_id: UUID) -> Response:
    """Give a user a role."""
    return call.run(lambda tx: operations.assign_role(tx, user_id, role_id), _shown)


@users.delete("/<uuid:user_id>/roles/<uuid:role_id>", permission=WRITE, conditional=False)
def unassign_role(call: Call[IdentityTx], user_id: UUID, role_id: UUID) -> Response:
    """Take a role from a user; the last administrator keeps theirs."""
    return call.run(
        lambda tx: operations.unassign_role(tx, user_id, role_id),
        lambda _tx, _user: Reply.nothing(),
    )


@users.post("/<uuid:user_id>/suspend", permission=WRITE, returns=UserOut)
def suspend_user(call: Call[IdentityTx], user_id: UUID) -> Response:
    """Suspend a user; sessions end, and tokens are refused everywhere within two seconds."""
    return call.run(lambda tx: operations.suspend_user(tx, user_id), _shown)


@users.post("/<uuid:user_id>/deactivate", permission=WRITE, returns=UserOut)
def deactivate_user(call: Call[IdentityTx], user_id: UUID) -> Response:
    """Deactivate a user who has left; sessions end as with a suspension."""
    return call.run(lambda tx: operations.deactivate_user(tx, user_id), _shown)


@users.post("/<uuid:user_id>/reactivate", permission=WRITE, returns=UserOut)
def reactivate_user(call: Call[IdentityTx], user_id: UUID) -> Response:
    """Let a suspended or deactivated user back in."""
    return call.run(lambda tx: operations.reactivate_user(tx, user_id), _shown)


def invitation_routes(invitations: Invitations) -> Routes:
    """The routes by which people are invited."""
    routes = Routes("/v1/identity/users", tag="users")

    @routes.post("", permission=WRITE, body=UserIn, returns=InvitedUserOut, status=201)
    def invite_user(call: Call[IdentityTx], body: UserIn) -> Response:
        """Invite somebody by e-mail.

        The link to accept is also in this answer, and never again. It works once, for seven days.
        """
        delivery = _Delivery(invitations)
        answer = call.run(
            lambda tx: delivery.noted(
                operations.invite_user(tx, body.email, body.changes(), body.role_ids)
            ),
            lambda tx, invited: delivery.reply(tx, invited, created=True),
        )
        delivery.send()
        return answer

    @routes.post(
        "/<uuid:user_id>/resend-invitation",
        permission=WRITE,
        returns=InvitedUserOut,
        problems=(429,),
    )
    def resend_invitation(call: Call[IdentityTx], user_id: UUID) -> Response:
        """Invite somebody anew; the link from before works no more.

        After a few times in a row one has to wait, so that nobody's mailbox is flooded.
        """
        user = call.read(queries.get_user, user_id)
        if user["status"] == UserStatus.INVITED:
            invitations.admit(call.caller.tenant_id, user["email"])
        delivery = _Delivery(invitations)
        answer = call.run(
            lambda tx: delivery.noted(operations.renew_invitation(tx, user_id)),
            delivery.reply,
        )
        delivery.send()
        return answer

    return routes


class _Delivery:
    """One invitation on its way: mailed after the commit, and not for an answer that is replayed."""

    def __init__(self, invitations: Invitations) -> None:
        self._invitations = invitations
        self._invited: Invited | None = None

    def noted(self, invited: Invited) -> Invited:
        """Remember what to send once it is committed."""
        self._invited = invited
        return invited

    def reply(self, tx: IdentityTx, invited: Invited, *, created: bool = False) -> Reply:
        """The answer, with the link."""
        user = invited.user
        url = self._invitations.link(invited.ticket)
        shown = {**queries.get_user(tx, user.id), "invitation_url": url}
        secrets = ("invitation_url",)
        if created:
            location = {"Location": f"/v1/identity/users/{user.id}"}
            return Reply(shown, 201, location, user.version, secrets)
        return Reply(shown, version=user.version, secrets=secrets)

    def send(self) -> None:
        """Send the mail, if anybody was invited."""
        if self._invited is not None:
            invited = self._invited
            self._invitations.send(invited.user, invited.ticket, invited.organisation)


def _outcome(found: User | DomainError, status: int) -> Outcome:
    if isinstance(found, DomainError):
        return found
    return Done(status, {"id": found.id, "version": found.version})


def _shown(tx: IdentityTx, user: User) -> Reply:
    return Reply(queries.get_user(tx, user.id), version=user.version)
