"""One answer to all incidents of a problem, over REST."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from flask import Response
from pydantic import Field

from chassis.http.body import Body
from chassis.http.call import Call
from chassis.http.routes import Routes
from chassis.work.jobs_api import Job, job_accepted
from desk.messages.domain import LONGEST_TEXT
from desk.names import Language
from desk.problem_answers import answering
from desk.ticket_facts.domain import Status
from desk.transaction import DeskTx

ANSWER = "desk.problems.answer"

problem_answers = Routes("/v1/desk/tickets/<uuid:ticket_id>", tag="tickets")


class AnswerAllIn(Body):
    """What all open incidents are answered, and how they stand from then on."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, pattern=r"\S")]
    language: Language | Annotated[str, Field(max_length=0)] = ""
    status: Literal[Status.OPEN, Status.WAITING_FOR_CUSTOMER, Status.RESOLVED] | None = None


@problem_answers.post(
    "/answer-incidents", permission=ANSWER, body=AnswerAllIn, returns=Job, status=202
)
def answer_incidents(call: Call[DeskTx], body: AnswerAllIn, ticket_id: UUID) -> Response:
    """Answer all open incidents of a problem by one public reply, each once, whoever has them.

    A job does it. Incidents that the reply cannot settle, because a field is missing, are counted.
    """
    return call.run(
        lambda tx: answering.answer_incidents(tx, ticket_id, body.text, body.language, body.status),
        lambda tx, job_id: job_accepted(tx, "desk", job_id),
    )
