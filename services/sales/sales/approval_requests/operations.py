"""What users and time do to requests for approval; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from chassis.domain import Conflict, Forbidden, Invalid, NotFound
from chassis.idempotency import withdraw_replies
from chassis.work.timers import Timer, cancel_timer, set_timer
from sales.approval_requests.domain import ApprovalRequest, ApprovalStep, Asked, Decider
from sales.approval_requests.leadership import manager_of
from sales.approval_types.domain import ApprovalType, ApproverKind, StepRule
from sales.colleagues.availability import unavailable
from sales.exchange_rates.operations import value_in_base
from sales.quote_approvals.domain import Approvers
from sales.transaction import SalesTx

APPROVAL_DEADLINE = "approval_deadline"


def submit_request(tx: SalesTx, approval_type_id: UUID, asked: Asked) -> ApprovalRequest:
    """Ask for something, as a user and for oneself.

    Raises `Invalid`, `Forbidden` for an app, `Conflict` for an archived type, an amount that cannot
    be valued where limits count, a manager's step of somebody whom nobody leads, or a step that
    nobody could take who is not involved already.
    """
    requester_id, now = _user(tx), tx.clock.now()
    kind = _type(tx, approval_type_id)
    request = ApprovalRequest(
        id=tx.ids.new(),
        approval_type_id=approval_type_id,
        key=kind.key,
        requester_id=requester_id,
        asked=asked,
        created_at=now,
        updated_at=now,
    )
    _submit(tx, request, kind, asked)
    tx.approval_requests.add(request)
    return request


def resubmit_request(tx: SalesTx, request_id: UUID, asked: Asked) -> ApprovalRequest:
    """Ask again, in another way, for what was returned. Raises `NotFound` and as `submit_request`."""
    request = _own(tx, request_id)
    _submit(tx, request, _type(tx, request.approval_type_id), asked)
    return request


def withdraw_request(tx: SalesTx, request_id: UUID) -> ApprovalRequest:
    """Ask for it no more. Raises `NotFound`, `Forbidden`, `Conflict` for one that was decided."""
    request = _own(tx, request_id)
    request.withdraw(tx.clock.now())
    _time(tx, request)
    return request


def approve_request(tx: SalesTx, request_id: UUID, comment: str) -> ApprovalRequest:
    """Take the step that is open. Raises `NotFound`, `Conflict`, `Forbidden`."""
    return _decide(tx, request_id, lambda one, who, now: one.approve(who, comment, now))


def reject_request(tx: SalesTx, request_id: UUID, comment: str) -> ApprovalRequest:
    """Say no. Raises `NotFound`, `Conflict`, `Forbidden`."""
    return _decide(tx, request_id, lambda one, who, now: one.reject(who, comment, now))


def return_request(tx: SalesTx, request_id: UUID, comment: str) -> ApprovalRequest:
    """Have it asked in another way. Raises `NotFound`, `Conflict`, `Forbidden`."""
    return _decide(tx, request_id, lambda one, who, now: one.send_back(who, comment, now))


def approval_is_late(tx: SalesTx, timer: Timer) -> None:
    """Tell, once for each step, that a request waits for longer than the step allows."""
    for request in tx.approval_requests.get_many([UUID(timer.key)]):
        request.remind(timer.data["entry"], tx.clock.now())


def forget_texts(tx: SalesTx, request_id: UUID, places: Collection[str]) -> None:
    """Have texts of a request go that tell of somebody erased. Raises `NotFound`."""
    tx.approval_requests.forget_texts(tx.approval_requests.get(request_id), places)
    withdraw_replies(tx, [str(request_id)])


def _decide(
    tx: SalesTx,
    request_id: UUID,
    decision: Callable[[ApprovalRequest, Decider, datetime], None],
) -> ApprovalRequest:
    caller = tx.caller
    about = Decider(caller.user_id, caller.role_ids or ())
    request, now = tx.approval_requests.for_decider(request_id, about), tx.clock.now()
    step = request.open_step
    awaited = None if step is None else step.approvers.user_id
    away = unavailable(tx, [] if awaited is None else [awaited], now.date())
    decision(request, Decider(about.user_id, about.role_ids, frozenset(away)), now)
    _time(tx, request)
    return request


def _submit(tx: SalesTx, request: ApprovalRequest, kind: ApprovalType, asked: Asked) -> None:
    kind.definition.require_answers(asked.answers)
    if asked.opportunity_id is not None:
        try:
            tx.opportunities.get(asked.opportunity_id)
        except NotFound as missing:
            raise Invalid.at("/opportunity_id", "opportunity_unknown", missing.message) from None
    base: Decimal | None = None
    if kind.definition.has_limits:
        if asked.amount is None:
            message = "How much it is about decides who approves it: an amount is needed."
            raise Invalid.at("/amount", "amount_missing", message)
        base = value_in_base(tx, asked.amount).base.amount
    steps: list[ApprovalStep] = []
    involved = {request.requester_id}
    for rule in kind.definition.called_for(base):
        step = _step(tx, rule, involved)
        steps.append(step)
        if step.approvers.user_id is not None:
            involved.add(step.approvers.user_id)
    request.submit(asked, steps, tx.clock.now())
    _time(tx, request)


def _step(tx: SalesTx, rule: StepRule, involved: Collection[UUID]) -> ApprovalStep:
    """A step as it is taken; the deputy takes it for whoever asks or has another step already."""
    user_id = rule.user_id
    if rule.approver is ApproverKind.MANAGER:
        user_id = manager_of(tx)
        if user_id is None:
            message = f"The step {rule.key!r} is for your manager, and no team of yours has one."
            raise Conflict(message, code="manager_missing")
    deputy_id = None if rule.deputy_id == user_id else rule.deputy_id
    if user_id in involved:
        user_id, deputy_id = deputy_id, None
        if user_id is None or user_id in involved:
            message = (
                f"The step {rule.key!r} is for somebody who asks for it or takes another step of"
                " it, and there is no deputy who could take it instead."
            )
            raise Conflict(message, code="approver_involved")
    approvers = Approvers(rule.role_id, user_id, deputy_id)
    return ApprovalStep(rule.key, rule.name, approvers, rule.max_days)


def _time(tx: SalesTx, request: ApprovalRequest) -> None:
    step, key = request.open_step, str(request.id)
    if step is None or step.max_days is None:
        cancel_timer(tx, APPROVAL_DEADLINE, key)
        return
    due_at = request.updated_at + timedelta(days=step.max_days)
    set_timer(tx, APPROVAL_DEADLINE, key, due_at, {"entry": len(request.history)})


def _own(tx: SalesTx, request_id: UUID) -> ApprovalRequest:
    """The request of the caller: nobody asks, or takes back, in another's name."""
    request = tx.approval_requests.get(request_id)
    if request.requester_id != _user(tx):
        raise Forbidden("Only whoever asks for it can do that.", code="not_the_requester")
    return request


def _user(tx: SalesTx) -> UUID:
    if tx.caller.user_id is None:
        message = "Approval is asked for by users; an app acts for nobody here."
        raise Forbidden(message, code="user_needed")
    return tx.caller.user_id


def _type(tx: SalesTx, approval_type_id: UUID) -> ApprovalType:
    try:
        kind = tx.approval_types.get(approval_type_id)
    except NotFound as missing:
        raise Invalid.at("/approval_type_id", "type_unknown", missing.message) from None
    kind.require_in_use()
    return kind
