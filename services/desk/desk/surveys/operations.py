"""What administrators do to surveys; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chassis.domain import Conflict, Invalid
from chassis.work.timers import cancel_timer, set_timer
from desk.colleagues.standing import unknown
from desk.queues.storage import queue_or_none
from desk.surveys.domain import MOST_SURVEYS, Survey, SurveyKind, SurveyTerms
from desk.ticket_vocabulary import condition_of
from desk.transaction import DeskTx

ROUND_TIMER = "survey_round"
"""Fires once a day for each survey that goes to people by themselves."""


def create_survey(tx: DeskTx, kind: SurveyKind, terms: SurveyTerms) -> Survey:
    """Have customers asked by another survey. Raises `Invalid`, `Conflict` when there are too many."""
    if tx.surveys.count() >= MOST_SURVEYS:
        raise Conflict(f"There are {MOST_SURVEYS} surveys already.", code="too_many_surveys")
    _require_readable(tx, terms)
    now = tx.clock.now()
    survey = Survey(id=tx.ids.new(), kind=kind, terms=terms, created_at=now, updated_at=now)
    survey.create()
    tx.surveys.add(survey)
    _go_round(tx, survey)
    return survey


def change_survey(
    tx: DeskTx, survey_id: UUID, changed: Callable[[SurveyTerms], SurveyTerms]
) -> Survey:
    """Write a survey anew; who was asked stays asked. Raises `NotFound`, `Invalid`."""
    survey = tx.surveys.get(survey_id)
    terms = changed(survey.terms)
    _require_readable(tx, terms)
    survey.change(terms, tx.clock.now())
    return survey


def archive_survey(tx: DeskTx, survey_id: UUID) -> Survey:
    """Have nobody asked any more; who was can answer still. Raises `NotFound`."""
    survey = tx.surveys.get(survey_id)
    if survey.archive(tx.clock.now()):
        cancel_timer(tx, ROUND_TIMER, str(survey.id))
    return survey


def restore_survey(tx: DeskTx, survey_id: UUID) -> Survey:
    """Have customers asked again. Raises `NotFound`."""
    survey = tx.surveys.get(survey_id)
    if survey.restore(tx.clock.now()):
        _go_round(tx, survey)
    return survey


def _go_round(tx: DeskTx, survey: Survey) -> None:
    if survey.kind is SurveyKind.NPS:
        set_timer(tx, ROUND_TIMER, str(survey.id), tx.clock.now())


def _require_readable(tx: DeskTx, terms: SurveyTerms) -> None:
    """Raise `Invalid` for a condition that cannot be read, and for a queue or a user there is not."""
    if terms.condition:
        condition_of(terms.condition)
    if terms.follow_up is None:
        return
    queue_id, user_id = terms.follow_up.queue_id, terms.follow_up.assignee_id
    if queue_id is not None and queue_or_none(tx, queue_id) is None:
        message = f"There is no queue {queue_id}."
        raise Invalid.at("/follow_up/queue_id", "queue_unknown", message)
    if user_id is not None and unknown(tx, [user_id]):
        message = f"There is no user {user_id}."
        raise Invalid.at("/follow_up/assignee_id", "user_unknown", message)
