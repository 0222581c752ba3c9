"""Contacts is asked over gRPC whom a quote is for: what it knows, does not know, and does not say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest

from chassis.context import service_caller
from chassis.domain import Unavailable
from chassis.rpc.client import Peers
from rapport.contacts.v1 import contacts_service_pb2 as messages
from sales.quotes.contacts import ContactsRecipients

TENANT = uuid4()
MING, UNREACHABLE, SILENT, SUNRISE = (uuid4() for _ in range(4))


class OwnTokens:
    """A service's token for any tenant."""

    def token(self, tenant_id: UUID) -> str:
        """Names the tenant."""
        return f"token of {tenant_id}"

    def forget(self, tenant_id: UUID) -> None:
        """There is nothing to forget."""


class Contacts:
    """Knows two people and a company, and sees with which tokens it is asked."""

    def __init__(self) -> None:
        self.tokens: list[str] = []

    def handlers(self) -> grpc.GenericRpcHandler[Any, Any]:
        """Of what is asked in these tests."""
        asked = {
            "GetRecipient": grpc.unary_unary_rpc_method_handler(
                self.recipient,
                messages.GetRecipientRequest.FromString,
                messages.GetRecipientResponse.SerializeToString,
            ),
            "GetCompany": grpc.unary_unary_rpc_method_handler(
                self.company,
                messages.GetCompanyRequest.FromString,
                messages.GetCompanyResponse.SerializeToString,
            ),
        }
        name = messages.DESCRIPTOR.services_by_name["ContactsService"].full_name
        return grpc.method_handlers_generic_handler(name, asked)

    def recipient(
        self, request: messages.GetRecipientRequest, context: grpc.ServicerContext
    ) -> messages.GetRecipientResponse:
        """A person with an address that is good, bounced, or absent."""
        self.tokens += [
            str(value) for key, value in context.invocation_metadata() if key == "authorization"
        ]
        if request.person_id == str(SILENT):
            context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        point = messages.ContactPoint(address="ming@rapport.dev", status="verified")
        if request.person_id == str(UNREACHABLE):
            point.status = "bounced"
        elif request.person_id != str(MING):
            context.abort(grpc.StatusCode.NOT_FOUND, "nobody")
        person = messages.Person(display_name="王小明", language="zh-Hant")
        return messages.GetRecipientResponse(person=person, contact_point=point)

    def company(
        self, request: messages.GetCompanyRequest, context: grpc.ServicerContext
    ) -> messages.GetCompanyResponse:
        """The company, for who may see it."""
        if request.company_id != str(SUNRISE):
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "not yours")
        return messages.GetCompanyResponse(company=messages.Company(name="Sunrise Ltd."))


@pytest.fixture
def contacts() -> Contacts:
    """Who answers."""
    return Contacts()


@pytest.fixture
def recipients(contacts: Contacts) -> Iterator[ContactsRecipients]:
    """The port, over a real connection."""
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((contacts.handlers(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    peers = Peers(OwnTokens())
    yield ContactsRecipients(peers.at("contacts", f"127.0.0.1:{port}"), "sales")
    peers.close()
    server.stop(None)


def test_what_it_knows_of_a_person_is_asked_in_the_services_own_name(
    contacts: Contacts, recipients: ContactsRecipients
) -> None:
    found = recipients.person(TENANT, MING)
    assert found is not None
    assert (found.person_id, found.name, found.language) == (MING, "王小明", "zh-Hant")
    assert found.has_mail
    assert contacts.tokens == [f"Bearer token of {TENANT}"]


def test_an_address_that_mail_came_back_from_is_none(recipients: ContactsRecipients) -> None:
    found = recipients.person(TENANT, UNREACHABLE)
    assert found is not None
    assert not found.has_mail


def test_whoever_is_not_there_is_nobody(recipients: ContactsRecipients) -> None:
    assert recipients.person(TENANT, uuid4()) is None


def test_a_company_is_named_to_those_who_may_see_it(recipients: ContactsRecipients) -> None:
    caller = service_caller("sales", TENANT)
    assert recipients.company_name(caller, SUNRISE) == "Sunrise Ltd."
    assert recipients.company_name(caller, uuid4()) == ""


@pytest.mark.parametrize(
    "ask",
    [
        lambda asked: asked.person(TENANT, SILENT),
        lambda _: _away().person(TENANT, MING),
        lambda _: _away().company_name(service_caller("sales", TENANT), SUNRISE),
    ],
)
def test_no_answer_is_told_as_none(
    recipients: ContactsRecipients, ask: Callable[[ContactsRecipients], object]
) -> None:
    with pytest.raises(Unavailable):
        ask(recipients)


def _away() -> ContactsRecipients:
    """Contacts where nobody listens."""
    return ContactsRecipients(Peers(OwnTokens()).at("contacts", "127.0.0.1:1"), "sales")
