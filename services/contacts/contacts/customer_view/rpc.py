"""Views of customers over gRPC."""

from __future__ import annotations

from uuid import UUID

import grpc

from chassis.domain import Invalid
from chassis.rpc.call import Servicer
from chassis.rpc.declaration import RpcService
from contacts.customer_view.asking import Sides
from contacts.customer_view.messages import view_message
from contacts.customer_view.viewing import view_customer
from contacts.people.queries import READ
from contacts.rpc import person_message
from contacts.transaction import ContactsTx
from rapport.contacts.v1 import customer_view_service_pb2 as messages
from rapport.contacts.v1 import customer_view_service_pb2_grpc as stubs


class CustomerViewServicer(Servicer[ContactsTx], stubs.CustomerViewServiceServicer):
    """Answers what other services ask."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides

    def GetCustomerView(
        self, request: messages.GetCustomerViewRequest, context: grpc.ServicerContext
    ) -> messages.GetCustomerViewResponse:
        """A customer from all sides."""
        try:
            person_id = UUID(request.person_id)
        except ValueError:
            message = "person_id has to be a UUID."
            raise Invalid.at("person_id", "uuid_malformed", message) from None
        view = view_customer(self.call(context), self._sides, person_id)
        return view_message(view, person_message(dict(view.who.person), view.who.company_id))


def customer_view_service(sides: Sides) -> RpcService:
    """The service, asking these others."""
    return RpcService(
        descriptor=messages.DESCRIPTOR.services_by_name["CustomerViewService"],
        register=stubs.add_CustomerViewServiceServicer_to_server,
        servicer=CustomerViewServicer(sides),
        permissions={"GetCustomerView": READ},
    )
