"""What a process keeps of definitions is not used when outdated, and costs those nothing who have none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from chassis.testing.tokens import TestTokens
from contacts.app import build
from contacts.custom_fields.domain import RecordKind
from contacts.custom_fields.known_fields import (
    FRESH_SECONDS,
    UNSETTLED_SECONDS,
    KnownFields,
    KnownFieldsCache,
)
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx

from .conftest import FIELDS, Define

Contacts = ServiceHarness[ContactsTx]
PEOPLE = "/v1/contacts/people"


class FakeTx:
    """A unit of work of a tenant with so many revisions and no fields; it counts what is asked."""

    def __init__(self, tenant_id: UUID, revision: int = 0) -> None:
        self.tenant_id = tenant_id
        self.revision = revision
        self.asked = 0

    def fetch_one(self, _statement: Statement, _about: Mapping[str, Any]) -> dict[str, Any] | None:
        self.asked += 1
        return {"revision": self.revision} if self.revision else None

    def fetch_all(self, _statement: Statement, _about: Mapping[str, Any]) -> list[dict[str, Any]]:
        self.asked += 1
        return []


class Seconds:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def questions(cache: KnownFieldsCache, tx: FakeTx, *, mentioned: bool = False) -> int:
    """How many questions a write asks the database."""
    before = tx.asked
    KnownFields(cast("UnitOfWork", tx), cache).of(RecordKind.PERSON, mentioned=mentioned)
    return tx.asked - before


def test_a_tenant_without_fields_asks_once_a_second_and_not_for_every_write() -> None:
    seconds = Seconds()
    cache, tx = KnownFieldsCache(seconds), FakeTx(uuid4())
    assert questions(cache, tx) == 1
    assert [questions(cache, tx) for _ in range(3)] == [0, 0, 0]
    seconds.now += FRESH_SECONDS
    assert [questions(cache, tx), questions(cache, tx)] == [1, 0]
    assert questions(cache, FakeTx(uuid4())) == 1


def test_a_write_that_mentions_a_field_always_asks_for_the_revision() -> None:
    cache, tx = KnownFieldsCache(Seconds()), FakeTx(uuid4(), revision=7)
    assert questions(cache, tx, mentioned=True) == 2
    assert questions(cache, tx, mentioned=True) == 1
    tx.revision = 8
    assert questions(cache, tx, mentioned=True) == 2


def test_the_process_that_changes_fields_asks_until_the_change_is_surely_committed() -> None:
    seconds = Seconds()
    cache, tx = KnownFieldsCache(seconds), FakeTx(uuid4())
    questions(cache, tx)
    KnownFields(cast("UnitOfWork", tx), cache).changed()
    assert [questions(cache, tx), questions(cache, tx)] == [1, 1]
    seconds.now += UNSETTLED_SECONDS
    assert [questions(cache, tx), questions(cache, tx)] == [1, 0]


@pytest.fixture
def elsewhere(
    contacts: Contacts, tokens: TestTokens, access: FakeAccessSource, app: ApiClient
) -> Iterator[ApiClient]:
    """The same tenant's app, at another process of the service."""
    assert isinstance(contacts.service.settings, ContactsSettings)
    service = build(contacts.service.settings, keys=tokens.key_source(), access=access)
    assert app.tenant_id is not None
    yield ServiceHarness(service, tokens, access).app_client(app.tenant_id)
    service.stop()


def enter(app: ApiClient, **custom: Any) -> int:
    return app.post(PEOPLE, {"full_name": "A", "custom_fields": custom}).status_code


def test_other_processes_follow_at_once_where_fields_are_mentioned(
    app: ApiClient, define: Define, elsewhere: ApiClient
) -> None:
    assert [enter(elsewhere), enter(elsewhere, size="1")] == [201, 422]
    url = f"{FIELDS}/{define('size', 'number')['id']}"
    assert enter(elsewhere, size="1") == 201
    app.patch(url, {"validation": {"minimum": "2"}})
    assert [enter(elsewhere, size="1"), enter(elsewhere, size="2")] == [422, 201]
    app.delete(url)
    assert enter(elsewhere, size="2") == 422


def test_what_becomes_required_is_asked_for_at_once_of_a_tenant_with_fields(
    app: ApiClient, define: Define, elsewhere: ApiClient
) -> None:
    define("note", "text")
    assert enter(elsewhere) == 201
    define("size", "number", required=True)
    assert [enter(app), enter(elsewhere)] == [422, 422]
