"""What signing in leaves for the audit log: who, from where, and nothing that is secret or personal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from google.protobuf.message import Message

from chassis.context import PLATFORM
from chassis.storage.tables import outbox
from identity.sign_in.operations import open_reset
from rapport.identity.events.v1 import access_events_pb2, security_events_pb2

from ..provider import PASSWORD, Person, Provider

NEW = "vukog lampen 38 ketchup"


@dataclass(frozen=True, slots=True)
class Told:
    """A fact as it waits to be published."""

    content: Any
    envelope: sa.Row[Any]


def told(provider: Provider, tenant_id: UUID, kind: type[Message]) -> list[Told]:
    """The facts of a type, oldest first."""
    columns = outbox.c
    with provider.service.database.tenant_transaction(tenant_id) as connection:
        rows = connection.execute(
            sa.select(outbox)
            .where(columns.tenant_id == tenant_id, columns.type == kind.DESCRIPTOR.full_name)
            .order_by(columns.seq)
        ).all()
    return [Told(kind.FromString(bytes(row.payload)), row) for row in rows]


def test_a_sign_in_names_user_session_and_address(provider: Provider) -> None:
    ada, visitor = provider.tenant(), provider.visitor()
    app = provider.app(ada.tenant_id)
    provider.let_in(app, ada, visitor=visitor)
    browser, robot = told(provider, ada.tenant_id, security_events_pb2.SessionStarted)

    assert browser.content.kind == security_events_pb2.SESSION_KIND_BROWSER
    assert not browser.content.HasField("client_id")
    assert browser.envelope.actor == f"user:{ada.user_id}"
    assert str(browser.envelope.session_id) == browser.content.session_id
    assert browser.envelope.address == visitor.address
    assert robot.content.kind == security_events_pb2.SESSION_KIND_APP
    assert robot.content.client_id == robot.envelope.client_id == app.client_id
    assert robot.content.parent_session_id == browser.content.session_id
    assert robot.envelope.actor == f"user:{ada.user_id}"
    for one in (browser, robot):
        assert ada.email.encode() not in bytes(one.envelope.payload)
        assert str(one.envelope.aggregate_id) == one.content.session_id


def test_a_wrong_password_is_told_with_the_user_and_without_what_was_given(
    provider: Provider,
) -> None:
    ada, visitor = provider.tenant(), provider.visitor()
    wrong = Person(ada.tenant_id, ada.user_id, ada.email, "a wrong password")
    assert visitor.sign_in(wrong).status_code == 401

    (refused,) = told(provider, ada.tenant_id, security_events_pb2.SignInRefused)
    assert refused.content.user_id == str(ada.user_id)
    assert refused.envelope.aggregate_id == ada.user_id
    assert refused.envelope.address == visitor.address
    assert refused.envelope.actor == "service:identity"
    assert b"wrong" not in bytes(refused.envelope.payload)


def test_where_there_is_no_account_the_same_is_told_of_nobody(provider: Provider) -> None:
    visitor = provider.visitor()
    nobody = Person(uuid4(), uuid4(), f"{uuid4().hex}@example.com", PASSWORD)
    before = len(told(provider, PLATFORM, security_events_pb2.SignInRefused))
    assert visitor.sign_in(nobody).status_code == 401

    *_, last = told(provider, PLATFORM, security_events_pb2.SignInRefused)
    assert len(told(provider, PLATFORM, security_events_pb2.SignInRefused)) == before + 1
    assert not last.content.HasField("user_id")
    assert last.envelope.address == visitor.address
    assert nobody.email.encode() not in bytes(last.envelope.payload)


def test_a_changed_password_and_the_sessions_that_it_ends_are_told(provider: Provider) -> None:
    ada = provider.tenant()
    token = provider.let_in(provider.app(ada.tenant_id), ada).access
    provider.let_in(provider.app(ada.tenant_id), ada)
    body = {"current_password": PASSWORD, "new_password": NEW}
    answer = provider.api("POST", "/v1/identity/me/change-password", token, json=body)
    assert answer.status_code == 200

    first, changed = told(provider, ada.tenant_id, security_events_pb2.PasswordChanged)
    assert first.content.reason == security_events_pb2.PASSWORD_REASON_FIRST
    assert changed.content.reason == security_events_pb2.PASSWORD_REASON_CHANGED
    assert changed.envelope.actor == f"user:{ada.user_id}"
    ended = told(provider, ada.tenant_id, access_events_pb2.SessionEnded)
    assert {one.content.reason for one in ended} == {"password_changed"}


def test_a_link_for_a_new_password_is_told(provider: Provider) -> None:
    ada = provider.tenant()
    provider.run(ada.tenant_id, open_reset, ada.user_id, ada.email)

    (asked,) = told(provider, ada.tenant_id, security_events_pb2.PasswordResetRequested)
    assert asked.content.user_id == str(ada.user_id)
