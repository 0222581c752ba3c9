"""Facts about statements of commissions to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import commission_events_pb2 as events
from sales.commission_statements.domain import CommissionStatementClosed
from sales.encoding import moment, money


def _closed(fact: CommissionStatementClosed) -> events.CommissionStatementClosed:
    content = fact.statement.content
    terms, period = content.terms, content.terms.reckoning.period
    return events.CommissionStatementClosed(
        statement_id=str(fact.statement.id),
        plan_id=str(terms.plan_id),
        user_id=str(terms.user_id),
        first_on=period.first.isoformat(),
        last_on=period.last.isoformat(),
        total=money(content.total, terms.currency),
        corrected=money(content.corrected, terms.currency),
        closed_at=moment(fact.statement.closed_at),
    )


COMMISSION_STATEMENT_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    CommissionStatementClosed: _closed
}
