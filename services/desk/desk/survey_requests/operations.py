"""Plans whom to ask, asks them, takes what they say, and follows up; each is one transaction or part of one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from chassis.work.timers import Timer, set_timer
from desk.colleagues.standing import gone
from desk.desk_settings.storage import preferences_of
from desk.entitlements.asked import entitled_if_asked
from desk.messages.adding import Said
from desk.messages.operations import note
from desk.people.named import current_or_none
from desk.queues.storage import keys_of_queues, queue_or_none
from desk.survey_requests.domain import (
    CancelReason,
    Concern,
    RequestState,
    SurveyRequest,
    Undelivered,
)
from desk.survey_requests.storage import REQUEST_ONCE
from desk.surveys.domain import SCORES, FollowUp, Survey, SurveyKind
from desk.surveys.operations import ROUND_TIMER
from desk.surveys.storage import survey_or_none, surveys_in_use
from desk.tenant_days.domain import months_after
from desk.ticket_actions.alerting import alert_leader
from desk.ticket_actions.domain import Source
from desk.ticket_facts.domain import Channel, LinkKind, TicketType
from desk.ticket_links.storage import keep_link
from desk.ticket_vocabulary import condition_of, values_of
from desk.tickets.domain import Ticket, TicketDetails
from desk.tickets.operations import assign_ticket, open_ticket
from desk.transaction import DeskTx

ASKING_TIMER: Final = "survey_request"
UNATTENDED_TIMER: Final = "survey_follow_up"
"""Fires when somebody should have what was opened for a bad score; its key is who was asked."""
UNATTENDED_AFTER = timedelta(minutes=5)
"""How long routing and the colleagues of the queue have to take care of it before others are told."""
CAUSE = "low_score"
"""Why somebody was given a ticket that was opened for a bad score."""
PEOPLE_AT_ONCE = 100
"""How many people are asked in one transaction."""
_FIRST = UUID(int=0)
_LOW_SCORE: Mapping[str, str] = {
    "en": "Score {score} of {most} from a customer",
    "zh": "顧客評分 {score} 分（滿分 {most} 分）",
}


def plan_survey(tx: DeskTx, ticket_id: UUID, round_: int) -> SurveyRequest | None:
    """Have the customer of a resolved ticket asked in a while, by the first survey that fits; once.

    Nobody is asked about what was opened for a bad score, nor where nobody is known to ask.
    """
    ticket = tx.tickets.whosever(ticket_id)
    if ticket is None or not ticket.is_settled or ticket.reopened != round_:
        return None
    if ticket.person_id is None and not ticket.requester_address:
        return None
    survey = _fitting(tx, ticket)
    if survey is None or tx.survey_requests.follows_up(ticket_id):
        return None
    tx.try_again_on(REQUEST_ONCE)
    if tx.survey_requests.is_planned(survey.id, ticket_id, round_):
        return None
    now = tx.clock.now()
    resolved_at = ticket.resolved_at or now
    request = SurveyRequest(
        id=tx.ids.new(),
        survey_id=survey.id,
        kind=survey.kind,
        concern=_concern(ticket),
        person_id=ticket.person_id,
        address="" if ticket.person_id else ticket.requester_address,
        planned_at=now,
        send_at=max(now, resolved_at + timedelta(minutes=survey.terms.delay_minutes)),
    )
    request.plan()
    tx.survey_requests.add(request)
    set_timer(tx, ASKING_TIMER, str(request.id), request.send_at)
    return request


def asking_is_due(tx: DeskTx, timer: Timer) -> None:
    """Ask, unless something has come between."""
    found = tx.survey_requests.get_many([UUID(timer.key)])
    if not found or found[0].state is not RequestState.PLANNED:
        return
    request, now = found[0], tx.clock.now()
    survey = survey_or_none(tx, request.survey_id)
    ticket_id = request.concern.ticket_id
    ticket = None if ticket_id is None else tx.tickets.whosever(ticket_id)
    if survey is None or ticket is None:
        return
    # Who was only an address then may be known by now.
    if ticket.person_id is not None:
        request.person_id, request.address = ticket.person_id, ""
    reason = _between(tx, survey, request, ticket, now)
    if reason is not None:
        request.cancel(reason, now)
    else:
        _ask(tx, survey, request, ticket.shown_number)


def round_is_due(tx: DeskTx, timer: Timer) -> None:
    """Ask the next people how likely they recommend the tenant; goes on at once, or tomorrow."""
    survey = survey_or_none(tx, UUID(timer.key))
    if survey is None or survey.archived_at is not None or survey.kind is not SurveyKind.NPS:
        return
    now, terms = tx.clock.now(), survey.terms
    people = tx.survey_requests.to_be_asked(
        UUID(timer.data.get("after") or str(_FIRST)),
        _months_before(now, terms.active_months),
        _months_before(now, terms.every_months),
        PEOPLE_AT_ONCE,
    )
    for person_id in people:
        request = SurveyRequest(
            id=tx.ids.new(),
            survey_id=survey.id,
            kind=survey.kind,
            concern=Concern(),
            person_id=current_or_none(tx, person_id),
            address="",
            planned_at=now,
            send_at=now,
        )
        _ask(tx, survey, request, "")
        tx.survey_requests.add(request)
    if len(people) == PEOPLE_AT_ONCE:
        set_timer(tx, ROUND_TIMER, timer.key, now, {"after": str(people[-1])})
    else:
        set_timer(tx, ROUND_TIMER, timer.key, now + timedelta(days=1))


def follow_message(
    tx: DeskTx, request_id: UUID, undelivered: Undelivered | None, version: int
) -> None:
    """Note what notifications says of what was sent; nothing for what no survey has sent."""
    for request in tx.survey_requests.get_many([request_id]):
        request.follow(undelivered, version, tx.clock.now())


def answer_survey(tx: DeskTx, request_id: UUID, score: int, comment: str) -> SurveyRequest:
    """Take what somebody says. Raises `NotFound`, `Invalid`, `Conflict` when it is too late."""
    request = tx.survey_requests.get(request_id)
    request.answer(score, comment, tx.clock.now())
    return request


def follow_up_score(tx: DeskTx, request_id: UUID) -> Ticket | None:
    """Open a ticket for a bad score if the survey wants one; once for whoever was asked.

    Whom the survey names is given it, unless they may not sign in any more. What nobody has after
    a few minutes is told to who leads the queue's team.
    """
    found = tx.survey_requests.get_many([request_id])
    if not found or found[0].score is None or found[0].follow_up_ticket_id is not None:
        return None
    request = found[0]
    survey = survey_or_none(tx, request.survey_id)
    policy = None if survey is None else survey.terms.follow_up
    if policy is None or request.score is None or request.score > policy.up_to:
        return None
    asked_id = request.concern.ticket_id
    asked = None if asked_id is None else tx.tickets.whosever(asked_id)
    opened = _opened(tx, request, policy, asked)
    if asked is not None:
        keep_link(tx, opened, asked.id, LinkKind.RELATED)
    tx.flush()
    if policy.assignee_id is not None and not gone(tx, [policy.assignee_id]):
        assign_ticket(tx, opened.id, assignee_id=policy.assignee_id, cause=CAUSE)
    if request.comment:
        note(tx, opened.id, Said(text=request.comment, channel=Channel.API, automatic=True))
    now = tx.clock.now()
    request.follow_up(opened.id, now)
    set_timer(tx, UNATTENDED_TIMER, str(request.id), now + UNATTENDED_AFTER)
    return opened


def follow_up_is_due(tx: DeskTx, timer: Timer) -> None:
    """Tell who is responsible of a bad score that nobody takes care of."""
    found = tx.survey_requests.get_many([UUID(timer.key)])
    ticket_id = found[0].follow_up_ticket_id if found else None
    ticket = None if ticket_id is None else tx.tickets.whosever(ticket_id)
    if ticket is not None:
        alert_leader(tx, ticket, Source("survey", found[0].survey_id), or_all=True)


def _opened(tx: DeskTx, request: SurveyRequest, policy: FollowUp, asked: Ticket | None) -> Ticket:
    language = preferences_of(tx).default_language
    words = _LOW_SCORE["zh" if language.startswith("zh") else "en"]
    subject = words.format(score=request.score, most=SCORES[request.kind][-1])
    details = TicketDetails(
        subject=subject if asked is None else f"{subject} ({asked.shown_number})",
        person_id=request.person_id,
        company_id=None if asked is None else asked.company_id,
        requester_address="" if request.person_id else request.address,
        type=TicketType.REQUEST,
        priority=policy.priority,
        product_sku=request.concern.product_sku,
        asset_id=None if asked is None else asked.asset_id,
        language="" if asked is None else asked.language,
        tags=("low_score",),
    )
    queue_id = policy.queue_id or request.concern.queue_id
    queue = None if queue_id is None else queue_or_none(tx, queue_id)
    in_use = queue is not None and queue.archived_at is None
    return open_ticket(tx, details, queue_id=queue_id if in_use else None, keep_assignee=True)


def _ask(tx: DeskTx, survey: Survey, request: SurveyRequest, number: str) -> None:
    now = tx.clock.now()
    request.send(now + timedelta(days=survey.terms.expires_days), now)
    link = tx.secrecy.survey_links.address(tx.tenant_id, request.id)
    request.write(link, survey.terms.purpose, number)


def _between(
    tx: DeskTx, survey: Survey, request: SurveyRequest, ticket: Ticket, now: datetime
) -> CancelReason | None:
    """What has come between planning and asking; None for nothing."""
    if ticket.merged_into_id is not None:
        return CancelReason.MERGED
    if not ticket.is_settled or ticket.reopened != request.concern.round:
        return CancelReason.REOPENED
    if survey.archived_at is not None:
        return CancelReason.SURVEY_ARCHIVED
    if request.person_id is None and not request.address:
        return CancelReason.NOBODY
    rested = now - timedelta(days=survey.terms.rest_days)
    if survey.terms.rest_days and tx.survey_requests.asked_since(request, rested):
        return CancelReason.ASKED_LATELY
    return None


def _fitting(tx: DeskTx, ticket: Ticket) -> Survey | None:
    """The first survey for resolved tickets whose condition holds."""
    surveys = surveys_in_use(tx, SurveyKind.CSAT)
    if not surveys:
        return None
    queue = "" if ticket.queue_id is None else keys_of_queues(tx).get(ticket.queue_id, "")
    entitled = entitled_if_asked(tx, ticket, [survey.terms.condition for survey in surveys])
    values = values_of(ticket, tx.clock.now(), queue=queue, entitled=entitled)
    for survey in surveys:
        condition = survey.terms.condition
        if not condition or condition_of(condition).holds(values):
            return survey
    return None


def _concern(ticket: Ticket) -> Concern:
    return Concern(
        ticket_id=ticket.id,
        round=ticket.reopened,
        queue_id=ticket.queue_id,
        team_id=ticket.team_id,
        assignee_id=ticket.assignee_id,
        product_sku=ticket.product_sku,
        channel=ticket.channel,
    )


def _months_before(now: datetime, months: int) -> datetime:
    """The same time of day so many months ago, or on the last day of that month."""
    day = months_after(now.date(), -months)
    return datetime.combine(day, now.timetz())
