"""Facts about promises to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.encoding import id_or_none, moment
from desk.promises.domain import (
    PromiseBroken,
    PromiseFact,
    PromiseKept,
    PromiseMade,
    PromiseMoved,
    PromiseReminded,
    PromiseRescheduled,
    PromiseWithdrawn,
)
from desk.tickets.facts import header
from rapport.desk.events.v1 import promise_events_pb2 as events
from rapport.desk.v1 import promise_pb2


def _made(fact: PromiseMade) -> events.PromiseMade:
    return events.PromiseMade(**_about(fact), made_at=moment(fact.at))


def _rescheduled(fact: PromiseRescheduled) -> events.PromiseRescheduled:
    return events.PromiseRescheduled(
        **_about(fact),
        previous_due_at=moment(fact.previous_due_at),
        rescheduled_at=moment(fact.at),
    )


def _reminded(fact: PromiseReminded) -> events.PromiseReminded:
    return events.PromiseReminded(**_about(fact), reminded_at=moment(fact.at))


def _kept(fact: PromiseKept) -> events.PromiseKept:
    return events.PromiseKept(
        **_about(fact), kept_at=moment(fact.at), late=fact.late, kept_by=fact.kept_by
    )


def _broken(fact: PromiseBroken) -> events.PromiseBroken:
    return events.PromiseBroken(**_about(fact), broken_at=moment(fact.at))


def _withdrawn(fact: PromiseWithdrawn) -> events.PromiseWithdrawn:
    return events.PromiseWithdrawn(**_about(fact), withdrawn_at=moment(fact.at))


def _moved(fact: PromiseMoved) -> events.PromiseMoved:
    return events.PromiseMoved(**_about(fact), from_ticket_id=str(fact.from_ticket_id))


def _about(fact: PromiseFact) -> dict[str, Any]:
    told = fact.promise
    promise = promise_pb2.Promise(
        due_at=moment(told.due_at),
        contact_by=told.contact_by,
        user_id=id_or_none(told.user_id),
        status=told.status,
        rescheduled=told.rescheduled,
    )
    return {
        "promise_id": str(told.promise_id),
        "ticket_id": str(fact.ticket.ticket_id),
        "ticket": header(fact.ticket),
        "promise": promise,
    }


PROMISE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    PromiseMade: _made,
    PromiseRescheduled: _rescheduled,
    PromiseReminded: _reminded,
    PromiseKept: _kept,
    PromiseBroken: _broken,
    PromiseWithdrawn: _withdrawn,
    PromiseMoved: _moved,
}
