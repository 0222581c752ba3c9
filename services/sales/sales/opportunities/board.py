"""The board of a pipeline: its open opportunities by stage, with what each stage sums up to.

Sums come from an index that holds all they need; cards come by key, column by column, so that a
board of ten thousand opportunities costs as much as one of a hundred but for the sums.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.http.money import amount_out
from chassis.money import rounded
from chassis.storage.unit_of_work import Reading
from sales.exchange_rates.storage import base_currency_of
from sales.opportunities.domain import OpportunityState
from sales.opportunities.storage import opportunities
from sales.pipelines.domain import StageKind
from sales.pipelines.storage import newest_definition

_columns = opportunities.c
_CARD = (
    "id",
    "version",
    "name",
    "person_id",
    "company_id",
    "owner_id",
    "amount",
    "currency",
    "base_amount",
    "base_currency",
    "probability",
    "expected_close_on",
    "entered_at",
    "overdue_since",
)


@dataclass(frozen=True, slots=True)
class BoardView:
    """Which part of a board is looked at: of whom, how much, and after which card."""

    owner_id: UUID | None
    size: int
    issue: Callable[[str, list[Any]], str]
    """Gives the token of the page of a stage that begins after a position."""


def get_board(reading: Reading, pipeline_id: UUID, view: BoardView) -> dict[str, Any]:
    """All columns of a board, those of stages that only older definitions have included.

    Raises `NotFound`.
    """
    found = newest_definition(reading, pipeline_id)
    if found is None:
        raise NotFound.of("pipeline", pipeline_id)
    number, definition, _ = found
    sums = {row["stage"]: row for row in _sums(reading, pipeline_id, view)}
    current = [one for one in definition.stages if one.kind is StageKind.OPEN]
    known = [one.key for one in current]
    older = sorted(sums.keys() - set(known))
    cards = _cards(reading, pipeline_id, [key for key in (*known, *older) if key in sums], view)
    names: Mapping[str, Mapping[str, str]] = {one.key: one.name for one in current}
    base, _ = base_currency_of(reading)
    return {
        "pipeline_id": pipeline_id,
        "definition": number,
        "columns": [
            {
                "stage": key,
                "name": names.get(key),
                **_summed(sums.get(key), base),
                **_page(key, cards.get(key, []), view),
            }
            for key in (*known, *older)
        ],
    }


def get_column(
    reading: Reading, pipeline_id: UUID, stage: str, view: BoardView, after: list[Any] | None
) -> dict[str, Any]:
    """A page of one column. Raises `NotFound` for a pipeline that there is not."""
    if newest_definition(reading, pipeline_id) is None:
        raise NotFound.of("pipeline", pipeline_id)
    one = _one_column(reading, pipeline_id, view).where(_columns.stage == stage)
    if after is not None:
        moment, key = after
        position = sa.tuple_(sa.literal(moment, _columns.entered_at.type), sa.literal(key, sa.Uuid))
        one = one.where(sa.tuple_(_columns.entered_at, _columns.id) < position)
    ordered = one.order_by(_columns.entered_at.desc(), _columns.id.desc()).limit(view.size + 1)
    rows = [dict(row) for row in reading.connection.execute(ordered).mappings()]
    return _page(stage, rows, view)


def _open(reading: Reading, statement: sa.Select[Any], pipeline_id: UUID, view: BoardView) -> Any:
    statement = statement.where(
        _columns.tenant_id == reading.caller.tenant_id,
        _columns.pipeline_id == pipeline_id,
        _columns.state == OpportunityState.OPEN,
    )
    if view.owner_id is not None:
        statement = statement.where(_columns.owner_id == view.owner_id)
    return reading.scope.narrow(statement, _columns.owner_id)


def _one_column(reading: Reading, pipeline_id: UUID, view: BoardView) -> Any:
    cards = sa.select(*(_columns[name] for name in _CARD))
    return _open(reading, cards, pipeline_id, view)


def _sums(reading: Reading, pipeline_id: UUID, view: BoardView) -> Sequence[Mapping[str, Any]]:
    summed = sa.select(
        _columns.stage,
        sa.func.count().label("opportunities"),
        sa.func.sum(_columns.base_amount).label("amount"),
        sa.func.sum(_columns.base_amount * _columns.probability).label("weighted"),
        sa.func.count(_columns.overdue_since).label("overdue"),
    ).group_by(_columns.stage)
    rows = reading.connection.execute(_open(reading, summed, pipeline_id, view)).mappings()
    return [dict(row) for row in rows]


def _cards(
    reading: Reading, pipeline_id: UUID, stages: Sequence[str], view: BoardView
) -> Mapping[str, list[dict[str, Any]]]:
    """The first cards of each stage, and one more where there are more."""
    if not stages:
        return {}
    wanted = (
        sa.func.unnest(sa.cast(list(stages), sa.ARRAY(sa.Text)))
        .table_valued(sa.column("key", sa.Text(collation="C")))
        .render_derived("wanted")
    )
    one = _one_column(reading, pipeline_id, view)
    of_stage = (
        one.where(_columns.stage == wanted.c.key)
        .order_by(_columns.entered_at.desc(), _columns.id.desc())
        .limit(view.size + 1)
        .lateral("cards")
    )
    statement = sa.select(wanted.c.key.label("of_stage"), of_stage).select_from(
        wanted.join(of_stage, sa.true())
    )
    cards: dict[str, list[dict[str, Any]]] = {}
    for row in reading.connection.execute(statement).mappings():
        card = dict(row)
        cards.setdefault(card.pop("of_stage"), []).append(card)
    return cards


def _page(stage: str, rows: list[dict[str, Any]], view: BoardView) -> dict[str, Any]:
    token = None
    if len(rows) > view.size:
        rows = rows[: view.size]
        token = view.issue(stage, [rows[-1]["entered_at"], rows[-1]["id"]])
    return {"items": [_card(row) for row in rows], "next_page_token": token}


def _card(row: dict[str, Any]) -> dict[str, Any]:
    card = dict(row)
    for name, unit in (("amount", "currency"), ("base_amount", "base_currency")):
        amount, currency = card[name], card.pop(unit)
        card[name] = None if amount is None else amount_out(rounded(amount, currency), currency)
    return card


def _summed(row: Mapping[str, Any] | None, base: str | None) -> dict[str, Any]:
    found = row or {"opportunities": 0, "amount": None, "weighted": None, "overdue": 0}
    amount, weighted = found["amount"] or Decimal(0), found["weighted"] or Decimal(0)
    return {
        "opportunities": found["opportunities"],
        "overdue": found["overdue"],
        "amount": None if base is None else amount_out(rounded(amount, base), base),
        "weighted": None if base is None else amount_out(rounded(weighted / 100, base), base),
    }


def position_of(values: list[Any]) -> list[Any]:
    """A position as a token holds one: when the card entered its stage, and its id."""
    moment, key = values
    if not isinstance(moment, datetime):
        moment = datetime.fromisoformat(str(moment))
    return [moment, key if isinstance(key, UUID) else UUID(str(key))]
