"""The customer from all sides, asked of contacts on behalf of whoever looks at a ticket."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from chassis.context import Caller
from chassis.domain import Category, DomainError
from chassis.rpc.client import Asked, Peer
from chassis.rpc.errors import PeerLate
from desk.agent_view.showing import customer_shown
from rapport.contacts.v1.customer_view_service_pb2 import (
    GetCustomerViewRequest,
    GetCustomerViewResponse,
)
from rapport.contacts.v1.customer_view_service_pb2_grpc import CustomerViewServiceStub


class Reason(StrEnum):
    """Why a part of a view is missing."""

    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class Answer:
    """The customer as the API shows one, or why there is none."""

    customer: dict[str, Any] | None
    missing: Reason | None = None


class OnItsWay(Protocol):
    """An answer that nobody waits for yet."""

    def answer(self) -> Answer:
        """Wait for it. Raises nothing for the sake of who answers."""
        ...

    def cancel(self) -> None:
        """Wait no longer; harmless afterwards."""
        ...


class Customers(Protocol):
    """Who knows customers from all sides."""

    def begin(self, caller: Caller, person_id: UUID) -> OnItsWay:
        """Ask about a person on behalf of the caller, without waiting."""
        ...


class ContactsView:
    """Contacts, which asks all others in turn: with `seconds` for all of it."""

    def __init__(self, contacts: Peer, seconds: float) -> None:
        self._contacts = contacts
        self._seconds = seconds

    def begin(self, caller: Caller, person_id: UUID) -> OnItsWay:
        """Ask with the caller's own token: contacts and the others show what the caller may see."""
        method = self._contacts.stub(CustomerViewServiceStub).GetCustomerView
        request = GetCustomerViewRequest(person_id=str(person_id))
        return _Asked(self._contacts.begin(method, request, caller, self._seconds))


class _Asked:
    def __init__(self, asked: Asked[GetCustomerViewResponse]) -> None:
        self._asked = asked

    def answer(self) -> Answer:
        """Wait for it."""
        try:
            return Answer(customer_shown(self._asked.answer()))
        except PeerLate:
            return Answer(None, Reason.TIMEOUT)
        except DomainError as error:
            # Somebody out of the caller's reach does not exist for them: that is no fault of contacts.
            kept = error.category in (Category.FORBIDDEN, Category.NOT_FOUND)
            return Answer(None, Reason.FORBIDDEN if kept else Reason.UNAVAILABLE)
        except (ValueError, ArithmeticError):
            return Answer(None, Reason.UNAVAILABLE)

    def cancel(self) -> None:
        """Wait no longer."""
        self._asked.cancel()
