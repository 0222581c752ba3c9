"""The pages on which a device is let in: type its code, look who asks, decide (RFC 8628, 3.3)."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from flask import Response, request

from chassis.context import PLATFORM, Caller
from chassis.domain import Conflict
from chassis.http.address import neighbourhood
from chassis.http.pages import Pages
from chassis.storage.database import Database
from identity.callers import acting_user, identity_itself
from identity.oauth.clients import ClientDirectory
from identity.oauth.devices import (
    Answer,
    Decision,
    DeviceRequest,
    answer,
    find_open_request,
    place_of_code,
    tenant_of,
    tidied_code,
)
from identity.oauth.endpoints import DEVICE_PAGE
from identity.pages.browser import SignedIn
from identity.pages.destination import DEVICE_CONFIRM
from identity.pages.scope_words import scope_in_words
from identity.pages.signing_in import SIGN_IN, sign_in_address
from identity.pages.site import Site
from identity.sign_in.domain import Subject
from identity.sign_in.throttle import Throttle


class DevicePages:
    """Lets devices in."""

    def __init__(
        self, site: Site, database: Database, clients: ClientDirectory, throttle: Throttle
    ) -> None:
        self._site = site
        self._database = database
        self._clients = clients
        self._throttle = throttle

    def declare(self, pages: Pages) -> None:
        """Declare the pages."""
        why = "a code leads on, and guessing is made slow"
        pages.page(DEVICE_PAGE, "GET", public_because=why)(self.device_page)
        pages.page(DEVICE_PAGE, "POST", public_because=why)(self.look_up_code)
        own = "the session of the browser's own cookie says who decides"
        pages.page(DEVICE_CONFIRM, "GET", public_because=own)(self.confirm_page)
        pages.page(DEVICE_CONFIRM, "POST", public_because=own)(self.decide)

    def device_page(self) -> Response:
        """Ask for the code; one that came with the address is filled in, not yet taken."""
        code = tidied_code(request.args.get("user_code", ""))
        return self._form(f"{code[:4]}-{code[4:]}" if code else "")

    def look_up_code(self) -> Response:
        """Go on with a code that is known."""
        self._site.require_own_form()
        code = tidied_code(request.form.get("user_code", ""))
        if self._place(code) is None:
            return self._form(code, "device.unknown")
        return self._site.redirect(DEVICE_CONFIRM, user_code=code)

    def confirm_page(self) -> Response:
        """Show which app asks, for what and from where."""
        code = tidied_code(request.args.get("user_code", ""))
        place = self._place(code)
        if place is None:
            return self._form(code, "device.unknown")
        found = self._site.browser().signed_in(tenant_of(place))
        if found is None:
            return sign_in_address(self._site, _confirm_path(code))
        asked = self._site.run.run(_actor(place, found), find_open_request, code)
        client = None if asked is None else self._clients.find(asked.client_id)
        if asked is None or client is None:
            return self._form(code, "device.unknown")
        return self._confirmation(found, asked, client.name)

    def decide(self) -> Response:
        """Let the device in, or not."""
        self._site.require_own_form()
        code = tidied_code(request.form.get("user_code", ""))
        place, found = self._place(code), self._site.chosen_account()
        if place is None or found is None:
            return self._form(code, "device.unknown")
        if tenant_of(place) not in (None, found.account.tenant_id):
            return self._form(code, "device.unknown")
        approved = request.form.get("decision") == "allow"
        decision = Decision.APPROVED if approved else Decision.DENIED
        given = Answer(decision, found.account.tenant_id, found.session.id)
        try:
            self._site.run.run(_actor(place, found), answer, code, given)
        except Conflict:
            return self._form(code, "device.unknown")
        words = self._site.browser().words(found.account)
        said = decision.value
        return self._site.render(
            "message.html",
            words,
            title=words(f"device.{said}_title"),
            text=words(f"device.{said}"),
            link=None,
        )

    def _confirmation(self, found: SignedIn, asked: DeviceRequest, app: str) -> Response:
        words = self._site.browser().words(found.account)
        return self._site.render(
            "device_confirm.html",
            words,
            app=app,
            account=found.account,
            code=asked.shown_code,
            address=asked.address,
            time=words.time(asked.created_at),
            permissions=scope_in_words(asked.scope, words),
            action=DEVICE_CONFIRM,
            other=f"{SIGN_IN}?{urlencode({'continue': _confirm_path(asked.user_code)})}",
        )

    def _place(self, code: str) -> UUID | None:
        """Where the request of a code is kept. Raises `TooManyAttempts` for whoever tries codes out."""
        subjects = {Subject.CODE_ADDRESS: neighbourhood(self._site.browser().device.address)}
        self._throttle.attempt(subjects)
        place = place_of_code(self._database, code, self._site.clock)
        if place is not None:
            self._throttle.succeeded(subjects)
        return place

    def _form(self, code: str, error: str | None = None) -> Response:
        words = self._site.browser().words()
        return self._site.render(
            "device.html",
            words,
            status=400 if error else 200,
            user_code=code,
            errors={"user_code": words(error)} if error else {},
        )


def _confirm_path(code: str) -> str:
    return f"{DEVICE_CONFIRM}?user_code={code}"


def _actor(place: UUID, found: SignedIn) -> Caller:
    """Who reads and answers a request: the user, where it is one of their own tenant's."""
    if place == PLATFORM:
        return identity_itself(PLATFORM)
    return acting_user(place, found.account.user_id, found.session.id)
