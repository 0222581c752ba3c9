"""The page on which an invitation is accepted: name and first password."""

from __future__ import annotations

from flask import Response, request

from chassis.domain import Conflict, Invalid, NotFound
from chassis.http.pages import Pages
from chassis.storage.scope import EVERYTHING
from identity.callers import acting_user, identity_itself
from identity.domain import checked_name
from identity.pages.destination import ACCOUNT, Destination
from identity.pages.refusals import said
from identity.pages.signing_in import SIGN_IN, SigningIn
from identity.pages.site import Site
from identity.sign_in.domain import PasswordReason
from identity.sign_in.operations import set_password
from identity.sign_in.passwords import Passwords
from identity.sign_in.queries import Account, invited_account
from identity.tickets import Ticket
from identity.transaction import IdentityTx
from identity.users.invitations import PAGE
from identity.users.operations import accept_invitation


class Joining:
    """From an invitation to a user who is signed in."""

    def __init__(self, site: Site, passwords: Passwords, signing_in: SigningIn) -> None:
        self._site = site
        self._passwords = passwords
        self._signing_in = signing_in

    def declare(self, pages: Pages) -> None:
        """Declare the pages."""
        why = "the link that was mailed is the proof"
        pages.page(PAGE, "GET", public_because=why)(self.invitation_page)
        pages.page(PAGE, "POST", public_because=why)(self.accept)

    def invitation_page(self) -> Response:
        """Ask for name and password; looking does not use the link up."""
        text = request.args.get("ticket", "")
        found = self._found(text)
        if found is None:
            return self._dead()
        account, _ticket = found
        return self._form(account, text, account.name)

    def accept(self) -> Response:
        """Accept, and sign in."""
        self._site.require_own_form()
        text, name = request.form.get("token", ""), request.form.get("name", "")
        found = self._found(text)
        if found is None:
            return self._dead()
        account, ticket = found
        try:
            checked_name(name)
            hashed = self._passwords.hashed(account, request.form.get("password", ""))
            self._accept(account, ticket, name, hashed)
        except Invalid as error:
            return self._form(account, text, name, error)
        except (Conflict, NotFound):
            return self._dead()
        active = self._passwords.account(account.tenant_id, account.user_id)
        if active is None or not active.may_sign_in:
            return self._site.redirect(SIGN_IN)
        return self._signing_in.go_on(active, Destination(ACCOUNT))

    def _accept(self, account: Account, ticket: Ticket, name: str, hashed: str) -> None:
        def work(tx: IdentityTx) -> None:
            accept_invitation(tx, ticket, name)
            set_password(tx, account.user_id, hashed, PasswordReason.FIRST)

        self._site.run.run(acting_user(account.tenant_id, account.user_id), work)

    def _found(self, text: str) -> tuple[Account, Ticket] | None:
        ticket = Ticket.read(text)
        if ticket is None:
            return None
        caller = identity_itself(ticket.tenant_id)
        account = self._site.run.read(caller, EVERYTHING, invited_account, ticket)
        return None if account is None else (account, ticket)

    def _form(
        self, account: Account, token: str, name: str, error: Invalid | None = None
    ) -> Response:
        words = self._site.browser().words(account)
        length = account.policy.password_min_length
        return self._site.render(
            "new_password.html",
            words,
            status=200 if error is None else 422,
            title=words("invitation.title", organisation=account.tenant_name),
            lead=words("invitation.lead", email=account.email),
            note=None,
            submit=words("invitation.submit"),
            action=PAGE,
            token=token,
            email=account.email,
            length=length,
            with_name=True,
            name=name,
            errors=said(error, words, length),
        )

    def _dead(self) -> Response:
        words = self._site.browser().words()
        return self._site.render(
            "message.html",
            words,
            status=410,
            title=words("invitation.dead_title"),
            text=words("invitation.dead"),
            link=SIGN_IN,
            link_text=words("reset.back"),
        )
