"""The pages for a forgotten password: ask for a link, and choose a new password with it."""

from __future__ import annotations

from flask import Response, request

from chassis.domain import Invalid
from chassis.http.pages import Pages
from identity.domain import LONGEST_EMAIL
from identity.pages.refusals import said
from identity.pages.signing_in import SIGN_IN
from identity.pages.site import Site
from identity.pages.words import Words
from identity.sign_in.domain import LinkUsed
from identity.sign_in.passwords import Passwords
from identity.sign_in.queries import Account
from identity.sign_in.reset_mail import ResetMail
from identity.tickets import Ticket

RESET = "/p/identity/reset"
CHOOSE_ANEW = "/p/identity/reset/new"


class Resetting:
    """A new password by mail."""

    def __init__(self, site: Site, passwords: Passwords, mail: ResetMail) -> None:
        self._site = site
        self._passwords = passwords
        self._mail = mail

    def declare(self, pages: Pages) -> None:
        """Declare the pages."""
        why = "it is for users who cannot sign in"
        pages.page(RESET, "GET", public_because=why)(self.reset_page)
        pages.page(RESET, "POST", public_because=why)(self.request_reset)
        proof = "the link that was mailed is the proof"
        pages.page(CHOOSE_ANEW, "GET", public_because=proof)(self.new_password_page)
        pages.page(CHOOSE_ANEW, "POST", public_because=proof)(self.set_new_password)

    def reset_page(self) -> Response:
        """Ask for the address."""
        return self._site.render("reset.html", self._site.browser().words())

    def request_reset(self) -> Response:
        """Have a mail sent if there is an account, and answer the same in any case."""
        self._site.require_own_form()
        browser = self._site.browser()
        email = request.form.get("email", "").strip()[:LONGEST_EMAIL]
        words = browser.words()
        self._mail.ask(email, browser.device.address, words.language)
        return self._message(words, "reset.sent_title", "reset.sent", email=email)

    def new_password_page(self) -> Response:
        """Ask for the new password; looking does not use the link up."""
        text = request.args.get("token", "")
        ticket = Ticket.read(text)
        account = None if ticket is None else self._passwords.of_reset(ticket)
        if account is None:
            return self._dead()
        return self._form(account, text)

    def set_new_password(self) -> Response:
        """Set it, and have the user sign in with it."""
        self._site.require_own_form()
        text = request.form.get("token", "")
        ticket = Ticket.read(text)
        account = None if ticket is None else self._passwords.of_reset(ticket)
        if ticket is None or account is None:
            return self._dead()
        address = self._site.browser().device.address
        try:
            self._passwords.reset(ticket, request.form.get("password", ""), address)
        except Invalid as error:
            return self._form(account, text, error)
        except LinkUsed:
            return self._dead()
        self._mail.tell_of_change(account)
        return self._site.redirect(SIGN_IN, done="reset")

    def _form(self, account: Account, token: str, error: Invalid | None = None) -> Response:
        words = self._site.browser().words(account)
        length = account.policy.password_min_length
        return self._site.render(
            "new_password.html",
            words,
            status=200 if error is None else 422,
            title=words("reset.new_title"),
            lead=words("reset.new_lead", email=account.email, organisation=account.tenant_name),
            note=words("reset.new_note"),
            submit=words("reset.new_submit"),
            action=CHOOSE_ANEW,
            token=token,
            email=account.email,
            length=length,
            with_name=False,
            name="",
            errors=said(error, words, length),
        )

    def _dead(self) -> Response:
        words = self._site.browser().words()
        return self._message(words, "reset.dead_title", "reset.dead", status=410)

    def _message(
        self, words: Words, title: str, text: str, status: int = 200, **values: str
    ) -> Response:
        dead = status != 200
        return self._site.render(
            "message.html",
            words,
            status=status,
            title=words(title),
            text=words(text, **values),
            link=RESET if dead else SIGN_IN,
            link_text=words("reset.again" if dead else "reset.back"),
        )
