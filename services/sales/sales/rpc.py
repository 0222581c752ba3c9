"""The gRPC face of sales: thin, over the same records as REST."""

from __future__ import annotations

from uuid import UUID

import grpc

from chassis.domain import Invalid
from chassis.rpc.call import Servicer
from chassis.rpc.declaration import SIGNED_IN, RpcService
from rapport.sales.v1 import sales_service_pb2 as messages
from rapport.sales.v1 import sales_service_pb2_grpc as stubs
from sales.customer_summaries.messages import summary_message
from sales.customer_summaries.queries import summary_of
from sales.transaction import SalesTx


class SalesServicer(Servicer[SalesTx], stubs.SalesServiceServicer):
    """Answers what other services ask."""

    def GetCustomerSummary(
        self, request: messages.GetCustomerSummaryRequest, context: grpc.ServicerContext
    ) -> messages.GetCustomerSummaryResponse:
        """How a customer stands."""
        person_id = _uuid(request.person_id, "person_id")
        company_id = None
        if request.HasField("company_id"):
            company_id = _uuid(request.company_id, "company_id")
        found = self.call(context).read(summary_of, person_id, company_id)
        return messages.GetCustomerSummaryResponse(summary=summary_message(found))


SALES_SERVICE = RpcService(
    descriptor=messages.DESCRIPTOR.services_by_name["SalesService"],
    register=stubs.add_SalesServiceServicer_to_server,
    servicer=SalesServicer(),
    # Each part asks for a permission of its own; without any there is no answer.
    permissions={"GetCustomerSummary": SIGNED_IN},
)


def _uuid(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid.at(field, "uuid_malformed", f"{field} has to be a UUID.") from None
