"""One's own password over REST."""

from __future__ import annotations

from typing import Annotated

from flask import Response
from pydantic import BaseModel, Field

from chassis.domain import Forbidden, NotFound
from chassis.http.address import Addresses
from chassis.http.body import Body
from chassis.http.call import Call, respond
from chassis.http.reply import Reply
from chassis.http.routes import SIGNED_IN, Routes
from identity.sign_in.passwords import Passwords
from identity.sign_in.reset_mail import ResetMail
from identity.transaction import IdentityTx

Text = Annotated[str, Field(min_length=1, max_length=1_000)]


class PasswordChangeIn(Body):
    """The password of now, and the one to be."""

    current_password: Text
    new_password: Text


class PasswordChangedOut(BaseModel):
    """How many other sessions have ended."""

    ended_sessions: int


def password_routes(passwords: Passwords, mail: ResetMail, addresses: Addresses) -> Routes:
    """The route by which users change their password."""
    routes = Routes("/v1/identity/me", tag="me")

    @routes.post(
        "/change-password",
        permission=SIGNED_IN,
        body=PasswordChangeIn,
        returns=PasswordChangedOut,
        problems=(403, 429),
    )
    def change_password(call: Call[IdentityTx], body: PasswordChangeIn) -> Response:
        """Change one's own password; all other sessions end.

        Takes the current password, and counts failures like a sign-in does.
        """
        caller = call.caller
        if caller.tenant_id is None or caller.user_id is None:
            raise Forbidden("Only a user has a password.", code="user_needed")
        account = passwords.account(caller.tenant_id, caller.user_id)
        if account is None or not account.may_sign_in:
            raise NotFound.of("user", caller.user_id)
        ended = passwords.change(
            account,
            body.current_password,
            body.new_password,
            addresses.of(call.request),
            caller.session_id,
        )
        mail.tell_of_change(account)
        return respond(call, Reply({"ended_sessions": ended}))

    return routes
