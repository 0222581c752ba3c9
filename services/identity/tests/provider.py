"""The identity provider as its users and apps meet it: real tokens, a browser, a clock to move."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID, uuid4

from flask import Flask
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from chassis.clock import MovableClock
from chassis.context import PLATFORM, Caller, service_caller
from chassis.service import Service
from identity.callers import operator_at_work
from identity.clients.domain import ClientDetails, ClientKind, GrantType
from identity.clients.operations import register_client
from identity.domain import email_key
from identity.oauth.wiring import SignInParts
from identity.sign_in.domain import PasswordReason
from identity.sign_in.operations import set_password
from identity.tenants.domain import TenantDetails
from identity.tenants.operations import FirstUser, create_tenant
from identity.transaction import IdentityTx
from identity.users.operations import ProfileChanges, accept_invitation, invite_user

from .fakes import FakeMailer
from .forms import Form, forms_of, text_of

PASSWORD = "correct horse battery staple"
CALLBACK = "https://app.test/callback"
SCOPES = "openid profile email offline_access contacts.* sales.orders.read"
SERVICE_SECRET = "a secret of the contacts service"


@dataclass(frozen=True, slots=True)
class Person:
    """A user with a password that is known here."""

    tenant_id: UUID
    user_id: UUID
    email: str
    password: str = PASSWORD


@dataclass(frozen=True, slots=True)
class App:
    """A registered client; a public one has no secret."""

    tenant_id: UUID
    client_id: str
    secret: str | None

    def credentials(self) -> dict[str, Any]:
        """How it authenticates: by Basic, or with its id alone."""
        return {} if self.secret is None else {"auth": (self.client_id, self.secret)}

    def form(self, **fields: str) -> dict[str, str]:
        """The fields of one of its requests."""
        return fields if self.secret else {**fields, "client_id": self.client_id}


@dataclass(frozen=True, slots=True)
class Challenge:
    """A PKCE verifier and what it hashes to."""

    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def value(self) -> str:
        """The challenge for S256."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Visitor:
    """A browser with cookies, at an address of its own."""

    def __init__(self, provider: Provider, **headers: str) -> None:
        self._client = provider.service.http.app.test_client()
        self.address = str(ip_address(f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"))
        self._headers = {"X-Forwarded-For": self.address, "User-Agent": "Firefox/140.0 Windows"}
        self._headers.update(headers)

    def get(self, address: str, **headers: str) -> TestResponse:
        """GET."""
        return self._client.get(address, headers={**self._headers, **headers})

    def post(self, address: str, data: dict[str, str], **headers: str) -> TestResponse:
        """POST a form as it is."""
        return self._client.post(address, data=data, headers={**self._headers, **headers})

    def submit(self, page: TestResponse, **fields: str) -> TestResponse:
        """Fill in the first form of a page and send it."""
        form = forms_of(page)[0]
        return self.send(form, **fields)

    def send(self, form: Form, **fields: str) -> TestResponse:
        """Send a form with these fields beside its hidden ones."""
        return self.post(form.action, {**form.values, **fields})

    def follow(self, response: TestResponse) -> TestResponse:
        """Go where a redirect leads, within the platform."""
        assert response.status_code == 303, text_of(response)
        return self.get(response.headers["Location"])

    def sign_in(self, person: Person, address: str = "/p/identity/sign-in") -> TestResponse:
        """Sign in by the page at `address`; the answer."""
        return self.submit(self.get(address), email=person.email, password=person.password)

    def cookie(self, name: str) -> str | None:
        """The value of a cookie."""
        found = self._client.get_cookie(name)
        return None if found is None else found.value


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an app got."""

    response: TestResponse

    @property
    def access(self) -> str:
        """The access token."""
        return str(self.json["access_token"])

    @property
    def refresh(self) -> str:
        """The refresh token."""
        return str(self.json["refresh_token"])

    @property
    def json(self) -> dict[str, Any]:
        """The whole answer, which has to be a good one."""
        assert self.response.status_code == 200, self.response.get_data(as_text=True)
        answer: dict[str, Any] = self.response.get_json()
        return answer


class Provider:
    """Identity, and what a test needs to act as users and apps."""

    def __init__(
        self,
        service: Service[IdentityTx],
        parts: SignInParts,
        clock: MovableClock,
        mailer: FakeMailer,
    ) -> None:
        self.service = service
        self.parts = parts
        self.clock = clock
        self.mailer = mailer
        self._programs = service.http.app.test_client()

    def tenant(self, email: str | None = None, **details: Any) -> Person:
        """A new organisation; gives its administrator."""
        tenant_id = uuid4()
        email = email or f"ada-{tenant_id.hex}@example.com"
        hashed = self.parts.hasher.hash(PASSWORD, email_key(email))
        about = {"name": "Acme", "locale": "en", "time_zone": "Asia/Taipei", **details}
        made = self.service.operations.run(
            service_caller("identity", tenant_id),
            create_tenant,
            f"t-{tenant_id}",
            TenantDetails(**about),
            FirstUser(email, "Ada Chen"),
            lambda tx, user: set_password(tx, user.id, hashed, PasswordReason.FIRST),
        )
        return Person(tenant_id, made.administrator.id, email)

    def member(self, tenant_id: UUID, email: str | None = None) -> Person:
        """Another active user of an organisation, without any role."""
        email = email or f"bob-{uuid4().hex}@example.com"
        hashed = self.parts.hasher.hash(PASSWORD, email_key(email))

        def work(tx: IdentityTx) -> UUID:
            invited = invite_user(tx, email, ProfileChanges(name="Bob Lin"), [])
            tx.flush()
            accept_invitation(tx, invited.ticket)
            set_password(tx, invited.user.id, hashed, PasswordReason.FIRST)
            return invited.user.id

        return Person(tenant_id, self.run(tenant_id, work), email)

    def app(
        self,
        tenant_id: UUID,
        *,
        public: bool = False,
        scopes: str = SCOPES,
        without: frozenset[GrantType] = frozenset(),
    ) -> App:
        """A new client of a tenant."""
        barred = {GrantType.CLIENT_CREDENTIALS} if public else set()
        details = ClientDetails(
            name="Invoice Robot",
            grant_types=frozenset(GrantType) - barred - without,
            redirect_uris=(CALLBACK,),
            scopes=frozenset(scopes.split()),
        )
        kind = ClientKind.PUBLIC if public else ClientKind.CONFIDENTIAL
        made = self.service.operations.run(
            service_caller("identity", tenant_id), register_client, kind, details
        )
        return App(tenant_id, str(made.client.id), made.text)

    def visitor(self, **headers: str) -> Visitor:
        """A browser that was never here."""
        return Visitor(self, **headers)

    def run(self, tenant_id: UUID, operation: Any, *args: Any, **kwargs: Any) -> Any:
        """Run an operation as identity itself."""
        return self.service.operations.run(self.caller(tenant_id), operation, *args, **kwargs)

    def caller(self, tenant_id: UUID) -> Caller:
        """Identity itself, at work for a tenant."""
        return service_caller("identity", tenant_id)

    def authorize_address(self, app: App, challenge: Challenge, /, **changes: str | None) -> str:
        """Where an app sends its user; a change of None leaves a parameter out."""
        query = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": CALLBACK,
            "scope": "openid profile email contacts.people.read",
            "state": "a state, ä & =",
            "nonce": "a-nonce",
            "code_challenge": challenge.value,
            "code_challenge_method": "S256",
            **changes,
        }
        given = {name: value for name, value in query.items() if value is not None}
        return f"/oauth/authorize?{urlencode(given)}"

    def code(self, visitor: Visitor, person: Person, address: str) -> str:
        """Sign in and agree, as far as asked; the code that the app gets."""
        answer = visitor.get(address)
        if answer.status_code == 303 and "sign-in" in answer.headers["Location"]:
            answer = visitor.sign_in(person, answer.headers["Location"])
            answer = visitor.follow(answer)
        if answer.status_code == 200:
            answer = visitor.submit(answer, decision="allow")
        return returned(answer)["code"]

    def exchange(
        self, app: App, code: str, challenge: Challenge, /, **changes: str
    ) -> TestResponse:
        """The app's token request for a code."""
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": challenge.verifier,
            **changes,
        }
        return self.ask(app, "/oauth/token", **fields)

    def ask(self, app: App, address: str, /, **fields: str) -> TestResponse:
        """A form of a program, with the app's credentials."""
        return self.service.http.app.test_client().post(
            address, data=app.form(**fields), **app.credentials()
        )

    def let_in(
        self, app: App, person: Person, *, visitor: Visitor | None = None, **changes: str | None
    ) -> Tokens:
        """The whole flow; the tokens."""
        challenge = Challenge()
        address = self.authorize_address(app, challenge, **changes)
        code = self.code(visitor or self.visitor(), person, address)
        return Tokens(self.exchange(app, code, challenge))

    def refresh(self, app: App, token: str, **fields: str) -> TestResponse:
        """The app's token request for a refresh token."""
        return self.ask(
            app, "/oauth/token", grant_type="refresh_token", refresh_token=token, **fields
        )

    def operator(self, name: str) -> str:
        """A token of whoever runs the platform."""
        operator = operator_at_work(PLATFORM, name)
        return self.parts.issuer.for_operator(operator, timedelta(minutes=5), uuid4())

    def api(self, method: str, address: str, token: str, **options: Any) -> TestResponse:
        """A REST call with an access token; what is known of access is looked up anew."""
        tenant_id = self.parts.ring.claims(token).get("tid")
        if tenant_id is not None:
            self.service.directory.forget(UUID(tenant_id))
        headers = {"Authorization": f"Bearer {token}"}
        return self.service.http.app.test_client().open(
            address, method=method, headers=headers, **options
        )

    def accepts(self, token: str) -> bool:
        """Whether an access token holds now."""
        return self.api("GET", "/v1/identity/me/sessions", token).status_code == 200

    def move(self, **span: float) -> None:
        """Move the clock."""
        self.clock.move(timedelta(**span))


def returned(response: TestResponse) -> dict[str, str]:
    """The parameters with which an app gets its user back."""
    assert response.status_code == 303, text_of(response)
    location = urlsplit(response.headers["Location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == CALLBACK
    return {name: values[0] for name, values in parse_qs(location.query).items()}


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application behind a real socket, on a free port; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
