"""The gRPC face of desk: thin, over the same queries as REST."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import grpc

from chassis.domain import Invalid
from chassis.rpc.call import Servicer
from chassis.rpc.declaration import RpcService
from chassis.storage.unit_of_work import Reading
from desk.encoding import moment_or_none, moment_written
from desk.ticket_summaries.queries import summary_of
from desk.tickets.api import READ
from desk.transaction import DeskTx
from rapport.desk.v1 import desk_service_pb2 as messages
from rapport.desk.v1 import desk_service_pb2_grpc as stubs


class DeskServicer(Servicer[DeskTx], stubs.DeskServiceServicer):
    """Answers what other services ask."""

    def GetTicketSummary(
        self, request: messages.GetTicketSummaryRequest, context: grpc.ServicerContext
    ) -> messages.GetTicketSummaryResponse:
        """What the desk has to do with a person."""
        person_id = _uuid(request.person_id, "person_id")
        return self.call(context).read(_summary, person_id)


DESK_SERVICE = RpcService(
    descriptor=messages.DESCRIPTOR.services_by_name["DeskService"],
    register=stubs.add_DeskServiceServicer_to_server,
    servicer=DeskServicer(),
    permissions={"GetTicketSummary": READ},
)


def _summary(reading: Reading, person_id: UUID) -> messages.GetTicketSummaryResponse:
    found = summary_of(reading, person_id)
    return messages.GetTicketSummaryResponse(
        open_tickets=[_open_ticket(one) for one in found["tickets"]],
        open_count=found["open"],
        total_count=found["total"],
        recent_count=found["recent"],
        last_opened_at=moment_or_none(found["last_opened_at"]),
        last_satisfaction=_satisfaction(found["answer"]),
    )


def _satisfaction(said: Mapping[str, Any] | None) -> messages.Satisfaction | None:
    if said is None:
        return None
    return messages.Satisfaction(
        kind=said["kind"],
        score=said["score"],
        answered_at=moment_written(said["answered_at"]),
        ticket_id=said["ticket_id"],
    )


def _open_ticket(ticket: Mapping[str, Any]) -> messages.OpenTicket:
    due_at = ticket["due_at"]
    return messages.OpenTicket(
        ticket_id=ticket["id"],
        number=f"{ticket['prefix']}-{ticket['number']}",
        subject=ticket["subject"],
        type=ticket["type"],
        priority=ticket["priority"],
        status=ticket["status"],
        assignee_id=ticket["assignee_id"],
        opened_at=moment_written(ticket["opened_at"]),
        due_at=None if due_at is None else moment_written(due_at),
    )


def _uuid(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid.at(field, "uuid_malformed", f"{field} has to be a UUID.") from None
