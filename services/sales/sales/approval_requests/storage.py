"""How requests for approval are kept: one row each, which says whom it waits for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import Money, NotFound
from chassis.money import rounded
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement, json_text
from sales.approval_requests.documents import entry_document, entry_of, step_document, step_of
from sales.approval_requests.domain import ApprovalRequest, ApprovalStatus, Asked, Decider
from sales.quote_approvals.domain import Approvers

_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

approval_requests = sa.Table(
    "approval_requests",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("approval_type_id", _uuid, nullable=False),
    sa.Column("type_key", _word, nullable=False),
    sa.Column("status", _word, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("requester_id", _uuid, nullable=False),
    sa.Column("opportunity_id", _uuid),
    sa.Column("amount", sa.Numeric(20, 4)),
    sa.Column("currency", _word),
    sa.Column("answers", sa.JSON, nullable=False),
    sa.Column("steps", sa.JSON, nullable=False),
    sa.Column("history", sa.JSON, nullable=False),
    sa.Column("awaited_role_id", _uuid),
    sa.Column("awaited_user_id", _uuid),
    sa.Column("deputy_id", _uuid),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)
_OWN = ("approval_type_id", "requester_id", "created_at", "updated_at")


class ApprovalRequestsRepository(Repository[ApprovalRequest]):
    """Requests for a change, by whoever asks or by those who decide."""

    table = approval_requests
    kind = "approval request"
    owner: ClassVar[str | None] = "requester_id"

    def for_decider(self, request_id: UUID, decider: Decider) -> ApprovalRequest:
        """The request for one who decides on it, whose own or team's it need not be.

        Raises `NotFound` when it is neither within reach nor theirs to approve.
        """
        for row in self._all([request_id]):
            request = self._aggregate(row)
            if self._tx.scope.allows(request.requester_id) or request.awaits(decider):
                return self._adopt(request)
        raise NotFound.of(self.kind, request_id)

    def forget_texts(self, request: ApprovalRequest, places: Collection[str]) -> None:
        """Have texts go that tell of somebody erased; no fact tells of it, as none has told of them."""
        asked, history = request.without_texts(places)
        about = {
            "tenant_id": self._tx.tenant_id,
            "id": request.id,
            "subject": asked.subject,
            "answers": json_text(dict(asked.answers)),
            "history": json_text([entry_document(one) for one in history]),
        }
        self._tx.write(_FORGET_TEXTS, about)

    def _aggregate(self, row: sa.RowMapping) -> ApprovalRequest:
        return request_of(row)

    def _row(self, aggregate: ApprovalRequest) -> dict[str, Any]:
        asked, step = aggregate.asked, aggregate.open_step
        awaited = Approvers() if step is None else step.approvers
        return {
            **{name: getattr(aggregate, name) for name in (*_OWN, "status")},
            "type_key": aggregate.key,
            "subject": asked.subject,
            "opportunity_id": asked.opportunity_id,
            "amount": None if asked.amount is None else asked.amount.amount,
            "currency": None if asked.amount is None else asked.amount.currency,
            "answers": dict(asked.answers),
            "steps": [step_document(one) for one in aggregate.steps],
            "history": [entry_document(one) for one in aggregate.history],
            "awaited_role_id": awaited.role_id,
            "awaited_user_id": awaited.user_id,
            "deputy_id": awaited.deputy_id,
        }


def request_of(row: Mapping[str, Any] | sa.RowMapping) -> ApprovalRequest:
    """The request that a row of the table stands for."""
    return ApprovalRequest(
        id=row["id"],
        version=row["version"],
        key=row["type_key"],
        status=ApprovalStatus(row["status"]),
        asked=Asked(
            subject=row["subject"],
            answers=row["answers"],
            amount=_money(row["amount"], row["currency"]),
            opportunity_id=row["opportunity_id"],
        ),
        steps=tuple(step_of(one) for one in row["steps"]),
        history=tuple(entry_of(one) for one in row["history"]),
        **{name: row[name] for name in _OWN},
    )


def _money(amount: Decimal | None, currency: str | None) -> Money | None:
    if amount is None or currency is None:
        return None
    return Money(rounded(amount, currency), currency)


_FORGET_TEXTS = Statement(
    "UPDATE approval_requests SET subject = %(subject)s, answers = %(answers)s,"
    " history = %(history)s, version = version + 1"
    " WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
