"""What follows when tickets are resolved and surveys answered, by desk's own facts, and what was not delivered (DE-10)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from google.protobuf.message import Message

from chassis.events.reactions import Envelope, Reactions
from desk.survey_requests.domain import Undelivered
from desk.survey_requests.operations import follow_message, follow_up_score, plan_survey
from desk.surveys.domain import SurveyKind
from desk.transaction import DeskTx
from rapport.desk.events.v1.survey_events_pb2 import SurveyAnswerCorrected, SurveyAnswered
from rapport.desk.events.v1.ticket_events_pb2 import TicketResolved
from rapport.notifications.events.v1 import message_events_pb2 as notified

_TEMPLATES = frozenset(f"{kind}_survey" for kind in SurveyKind)
_MEANS = {
    notified.MessageSent: None,
    notified.MessageDelivered: None,
    notified.MessageHeldBack: Undelivered.HELD_BACK,
    notified.MessageFailed: Undelivered.FAILED,
    notified.MessageCancelled: Undelivered.CANCELLED,
    notified.MessageBounced: Undelivered.BOUNCED,
}
"""What each means for whoever was asked. That somebody complains means that it has arrived."""


def on_ticket_resolved(tx: DeskTx, fact: TicketResolved, _envelope: Envelope) -> None:
    """Plan to ask the customer: an effect, once for each resolution."""
    plan_survey(tx, UUID(fact.ticket_id), fact.ticket.reopened)


def on_survey_answered(
    tx: DeskTx, fact: SurveyAnswered | SurveyAnswerCorrected, _envelope: Envelope
) -> None:
    """Follow up a bad score: an effect, once for whoever was asked."""
    follow_up_score(tx, UUID(fact.survey_request_id))


def ask_customers(reactions: Reactions) -> Reactions:
    """React to what customers are asked about, and say; gives the same."""
    reactions.on(TicketResolved, on_ticket_resolved)
    reactions.on(SurveyAnswered, on_survey_answered)
    reactions.on(SurveyAnswerCorrected, on_survey_answered)
    return reactions


def follow_survey_messages(reactions: Reactions) -> Reactions:
    """React to what becomes of what was sent; gives the same."""
    for kind, undelivered in _MEANS.items():
        reactions.on(kind, _following(undelivered))
    return reactions


def _following(undelivered: Undelivered | None) -> Callable[[DeskTx, Message, Envelope], None]:
    def on_message(tx: DeskTx, fact: Message, envelope: Envelope) -> None:
        """Note whether somebody was reached whom a survey has asked; others' are nothing to it."""
        request_id = getattr(fact, "request_id", "")
        if request_id and getattr(fact, "template", "") in _TEMPLATES:
            follow_message(tx, UUID(request_id), undelivered, envelope.aggregate_version)

    return on_message
