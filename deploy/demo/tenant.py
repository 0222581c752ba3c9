"""Makes a tenant with an administrator and an app, the way operators and administrators do."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.demo.browser import Browser
from deploy.demo.external_app import ExternalApp, FixedToken
from deploy.demo.oauth import ClientCredentials, Credentials
from deploy.demo.sign_in import SignIn, accept_invitation, user_tokens


class NoPlatform(Exception):
    """There is no platform to talk to; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A new organisation and the sign-in of its administrator."""

    id: str
    name: str
    administrator: SignIn


def require_answer(gateway: str) -> None:
    """Raise `NoPlatform` unless something answers at the platform's address."""
    try:
        httpx.get(f"{gateway}/openapi.json", timeout=10)
    except httpx.TransportError:
        raise NoPlatform(f"nothing answers at {gateway}; `make up` starts the platform") from None


def operator_token(state: Path | None = None, *, minutes: int = 5) -> str:
    """An operator's token, which only whoever runs the platform's commands can have.

    Raises `NoPlatform`.
    """
    where = [] if state is None else ["--state", str(state)]
    words = ["exec", "identity", "operators", "token", "--name", "demo", "--minutes", str(minutes)]
    command = [sys.executable, "-m", "rapport_local", *where, *words]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        reason = answer.stderr.strip() or answer.stdout.strip()
        raise NoPlatform(f"no operator's token: {reason}")
    token: str = json.loads(answer.stdout)["access_token"]
    return token


def new_tenant(gateway: str, token: str, name: str, *, locale: str = "zh-Hant") -> Tenant:
    """Create a tenant with an operator's token, and accept its administrator's invitation."""
    operator = ExternalApp(gateway, FixedToken(token))
    mark = secrets.token_hex(4)
    slug = "-".join(name.lower().split())
    email = f"admin@{slug}-{mark}.example"
    made = operator.post(
        "/v1/identity/tenants",
        {
            "name": name,
            "slug": f"{slug}-{mark}",
            "admin_email": email,
            "admin_name": "Demo Administrator",
            "locale": locale,
            "time_zone": "Asia/Taipei",
            "country": "TW",
        },
    )
    operator.close()
    password = secrets.token_urlsafe(15)
    with Browser(gateway) as browser:
        accept_invitation(browser, made["invitation_url"], "Demo Administrator", password)
    return Tenant(made["id"], name, SignIn(email, password))


def administrator(gateway: str, tenant: Tenant) -> ExternalApp:
    """The platform's command line, with the administrator signed in."""
    with Browser(gateway) as browser:
        return ExternalApp(gateway, user_tokens(browser, tenant.administrator))


def register_app(by: ExternalApp, name: str, scopes: Iterable[str]) -> Credentials:
    """Register an app that acts for itself; its secret is shown only now."""
    made = by.post(
        "/v1/identity/clients",
        {"name": name, "grant_types": ["client_credentials"], "scopes": sorted(scopes)},
    )
    return Credentials(made["id"], made["client_secret"])


def app_of(gateway: str, credentials: Credentials) -> ExternalApp:
    """A registered app at work."""
    return ExternalApp(gateway, ClientCredentials(gateway, credentials))
