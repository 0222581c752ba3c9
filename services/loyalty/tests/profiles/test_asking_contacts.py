"""Contacts is asked over gRPC what is known of a person: it answers, knows nobody, or is silent."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest

from chassis.clock import MovableClock
from chassis.domain import Unavailable
from chassis.rpc.client import Peers
from loyalty.profiles.contacts import ContactsPeople
from loyalty.profiles.domain import ImportantDay, Profile
from rapport.contacts.v1 import contacts_service_pb2 as messages

TENANT, MING, SILENT = (uuid4() for _ in range(3))
NOW = datetime(2031, 1, 2, tzinfo=UTC)


class OwnTokens:
    """A service's token for any tenant."""

    def token(self, tenant_id: UUID) -> str:
        """Names the tenant."""
        return f"token of {tenant_id}"

    def forget(self, tenant_id: UUID) -> None:
        """There is nothing to forget."""


def get_person(
    request: messages.GetPersonRequest, context: grpc.ServicerContext
) -> messages.GetPersonResponse:
    """Knows one person, of whom a day is wrong, and sometimes says nothing."""
    if request.person_id == str(SILENT):
        context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
    if request.person_id != str(MING):
        context.abort(grpc.StatusCode.NOT_FOUND, "nobody")
    days = [
        messages.ImportantDate(kind="birthday", date="1992-02-29"),
        messages.ImportantDate(kind="contract", date="1990-02-31"),
    ]
    person = messages.Person(
        person_id=str(MING), language="zh-Hant", time_zone="Asia/Taipei", important_dates=days
    )
    return messages.GetPersonResponse(person=person)


@pytest.fixture
def people() -> Iterator[ContactsPeople]:
    """People as a contacts at work knows them."""
    handler: Any = grpc.unary_unary_rpc_method_handler(
        get_person,
        messages.GetPersonRequest.FromString,
        messages.GetPersonResponse.SerializeToString,
    )
    name = messages.DESCRIPTOR.services_by_name["ContactsService"].full_name
    server = grpc.server(ThreadPoolExecutor(2))
    generic: Any = grpc.method_handlers_generic_handler(name, {"GetPerson": handler})
    server.add_generic_rpc_handlers((generic,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    peers = Peers(OwnTokens())
    yield ContactsPeople(peers.at("contacts", f"127.0.0.1:{port}"), "loyalty", MovableClock(NOW))
    peers.close()
    server.stop(None)


def test_what_contacts_knows_is_taken_and_what_is_no_day_is_left_out(
    people: ContactsPeople,
) -> None:
    birthday = ImportantDay("birthday", date(1992, 2, 29))
    assert people.profile(TENANT, MING) == Profile(MING, "zh-Hant", "Asia/Taipei", (birthday,), NOW)


def test_whom_contacts_does_not_know_has_no_profile(people: ContactsPeople) -> None:
    assert people.profile(TENANT, uuid4()) is None


def test_no_answer_is_told_apart_from_nobody(people: ContactsPeople) -> None:
    with pytest.raises(Unavailable):
        people.profile(TENANT, SILENT)
