"""Colleagues: an administrator invites them, they accept and sign in with a browser."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from deploy.demo.browser import Browser
from deploy.demo.external_app import ExternalApp, FixedToken, Patience
from deploy.demo.sign_in import SignIn, accept_invitation, user_tokens

_ONCE = Patience(attempts=1)


@dataclass(frozen=True, slots=True)
class Colleague:
    """A user that an administrator has invited, signed in."""

    id: str
    app: ExternalApp


@dataclass(frozen=True, slots=True)
class Invited:
    """A user who was invited."""

    gateway: str
    id: str
    name: str
    email: str
    url: str

    def joined(self) -> Colleague:
        """Accept, and sign in; with one token, which is not renewed, and no second try."""
        password = f"{secrets.token_hex(16)} garden"
        with Browser(self.gateway) as browser:
            accept_invitation(browser, self.url, self.name, password)
            tokens = user_tokens(browser, SignIn(self.email, password), scope="openid *")
        token = FixedToken(tokens.token())
        return Colleague(self.id, ExternalApp(self.gateway, token, patience=_ONCE))


def invite(administrator: ExternalApp, name: str, role_ids: Iterable[str]) -> Invited:
    """Invite somebody, who has done nothing yet."""
    email = f"{secrets.token_hex(16)}@colleagues.example"
    body = {"email": email, "name": name, "role_ids": list(role_ids)}
    made = administrator.post("/v1/identity/users", body)
    return Invited(administrator.gateway, made["id"], name, email, made["invitation_url"])
