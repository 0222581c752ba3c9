"""Users with second factors, and how they sign in."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pyotp
from werkzeug.test import TestResponse

from identity.factors.enrolment import Shown
from identity.sign_in.queries import Account
from identity.tenants.operations import change_tenant

from ..forms import Form, forms_of
from ..provider import Person, Provider, Visitor
from .authenticator import SoftwareAuthenticator

STEP = 30


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone with an authenticator app, and what its user has written down."""

    provider: Provider
    secret: str = field(repr=False)
    codes: tuple[str, ...] = field(default=(), repr=False)

    def code(self, off: int = 0) -> str:
        """What the app shows, on a clock that is `off` seconds wrong."""
        shown = int(self.provider.clock.now().timestamp()) + off
        return pyotp.TOTP(self.secret).at(shown)

    def next_code(self) -> str:
        """A code that was not shown yet: half a minute goes by."""
        self.provider.move(seconds=STEP)
        return self.code()


def account_of(provider: Provider, person: Person) -> Account:
    """What signing in knows of somebody."""
    account = provider.parts.passwords.account(person.tenant_id, person.user_id)
    assert account is not None
    return account


def with_app(provider: Provider, person: Person, name: str = "Telephone") -> Phone:
    """Give somebody an authenticator app."""
    account, enrolment = account_of(provider, person), provider.parts.factors.enrolment
    ceremony = provider.run(person.tenant_id, enrolment.begin_totp, account)
    phone = Phone(provider, enrolment.setup(ceremony, account).secret)
    shown = Shown(ceremony.id, name, code=phone.code())
    codes = enrolment.codes_for(account, shown)
    provider.run(person.tenant_id, enrolment.finish, account, shown, codes)
    provider.move(seconds=2 * STEP)
    return replace(phone, codes=() if codes is None else codes.shown)


def with_passkey(
    provider: Provider, person: Person, name: str = "Key", *, synced: bool = False
) -> SoftwareAuthenticator:
    """Give somebody a passkey."""
    account, enrolment = account_of(provider, person), provider.parts.factors.enrolment
    key = authenticator(provider, synced=synced)
    ceremony = provider.run(person.tenant_id, enrolment.begin_passkey, account)
    shown = Shown(
        ceremony.id, name, credential=key.create(enrolment.options(ceremony, account, []))
    )
    codes = enrolment.codes_for(account, shown)
    provider.run(person.tenant_id, enrolment.finish, account, shown, codes)
    return key


def authenticator(provider: Provider, *, synced: bool = False) -> SoftwareAuthenticator:
    """An authenticator in a browser that is at the platform's own address."""
    return SoftwareAuthenticator(provider.parts.factors.party.origin, synced=synced)


def require_second_factor(provider: Provider, tenant_id: UUID, *, required: bool = True) -> None:
    """Have an organisation require a second factor."""
    provider.run(
        tenant_id,
        change_tenant,
        lambda details: replace(
            details, policy=replace(details.policy, require_second_factor=required)
        ),
    )


def secret_on(page: TestResponse) -> str:
    """The secret that a page shows for typing."""
    found = re.search(r'class="shown-secret">([A-Z2-7 ]+)<', page.get_data(as_text=True))
    assert found is not None, page.get_data(as_text=True)
    return found[1].replace(" ", "")


def codes_on(page: TestResponse) -> tuple[str, ...]:
    """The recovery codes that a page shows."""
    return tuple(re.findall(r"<code>([A-Z0-9-]+)</code>", page.get_data(as_text=True)))


def passkey_form(page: TestResponse) -> tuple[Form, dict[str, Any]]:
    """The form for a passkey, and what its script is given."""
    found = re.search(r'data-options="([^"]+)"', page.get_data(as_text=True))
    assert found is not None, page.get_data(as_text=True)
    form = next(form for form in forms_of(page) if "credential" in form.values)
    return form, json.loads(html.unescape(found[1]))


def answer(
    visitor: Visitor, page: TestResponse, key: SoftwareAuthenticator, **fields: str
) -> TestResponse:
    """Use a passkey on a page, or make one where the page asks for that."""
    form, options = passkey_form(page)
    credential = key.create(options) if "rp" in options else key.get(options)
    return visitor.send(form, credential=json.dumps(credential), **fields)


def other_way(visitor: Visitor, page: TestResponse, way: str) -> TestResponse:
    """Choose another way to show that it is oneself."""
    form = next(form for form in forms_of(page) if ("other", way) in form.buttons)
    return visitor.send(form, other=way)
