"""How surveys, what was answered, and complaints are made for the estate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from chassis.context import Caller
from chassis.testing.client import ApiAnswer
from desk.survey_requests.domain import Concern, SurveyRequest
from desk.surveys.domain import SurveyKind
from desk.transaction import DeskTx

_NAME = "Amphitrite"
"""The estate's mark."""


def surveying_recipes(
    posted: Callable[..., Any], good: Callable[[ApiAnswer, str], ApiAnswer]
) -> dict[str, Any]:
    """The recipes, by the names that path parameters have for the records; in this order."""

    def survey_request(owned: Any) -> str:
        """What somebody was asked about the ticket, as it would be once that is resolved."""

        def ask(tx: DeskTx) -> str:
            now = tx.clock.now()
            asked = SurveyRequest(
                id=tx.ids.new(),
                survey_id=UUID(owned.ids["survey_id"]),
                kind=SurveyKind.CSAT,
                concern=Concern(ticket_id=UUID(owned.ids["ticket_id"]), product_sku=_NAME),
                person_id=None,
                address="",
                planned_at=now,
                send_at=now,
            )
            asked.plan()
            tx.survey_requests.add(asked)
            return str(asked.id)

        operations = owned.services["desk"].harness.service.operations
        made: str = operations.run(Caller(owned.tenant_id, "test"), ask)
        return made

    def complaint(owned: Any) -> str:
        """A complaint with a ticket of its own; nobody hears of that one's facts here."""
        owner, tickets = owned.owner("desk"), "/v1/desk/tickets"
        body = {"subject": _NAME, "type": "complaint"}
        ticket = good(owner.post(tickets, body), tickets).json
        path = "/v1/desk/complaints"
        said = {"ticket_id": ticket["id"], "category": _NAME, "process": _NAME}
        return str(good(owner.post(path, said), path).json["id"])

    return {
        "survey_id": posted("/v1/desk/surveys", kind="csat", name=_NAME),
        "survey_request_id": survey_request,
        "complaint_cause_id": posted(
            "/v1/desk/complaint-causes", key="amphitrite", name={"en": _NAME}
        ),
        "complaint_id": complaint,
    }
