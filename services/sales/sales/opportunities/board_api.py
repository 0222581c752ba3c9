"""Boards over REST."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.call import Call
from chassis.http.money import MoneyOut
from chassis.http.page_token import PageTokens
from chassis.http.query_string import Query
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from sales.opportunities.api import READ
from sales.opportunities.board import BoardView, get_board, get_column, position_of
from sales.transaction import SalesTx

Size = Annotated[int, Field(ge=1, le=200)]


class BoardQuery(Query):
    owner_id: UUID | None = None
    page_size: Size = 20


class ColumnQuery(BoardQuery):
    page_token: Annotated[str, Field(max_length=500)] | None = None


class CardOut(BaseModel):
    """As much of an opportunity as a card shows."""

    id: UUID
    version: int
    name: str
    person_id: UUID | None
    company_id: UUID | None
    owner_id: UUID | None
    amount: MoneyOut | None
    base_amount: MoneyOut | None
    probability: int
    expected_close_on: date | None
    entered_at: datetime
    overdue_since: datetime | None


class ColumnPageOut(BaseModel):
    """Some cards of a column, those that entered the stage last coming first."""

    items: list[CardOut]
    next_page_token: str | None


class ColumnOut(ColumnPageOut):
    """A stage: its first cards, and what all of it sums up to in the base currency.

    `name` is null for a stage that only older definitions have. Sums leave out what has no amount;
    they are null while the tenant has no base currency.
    """

    stage: str
    name: dict[str, str] | None
    opportunities: int
    overdue: int
    amount: MoneyOut | None
    weighted: MoneyOut | None


class BoardOut(BaseModel):
    """The open opportunities of a pipeline, by stage."""

    pipeline_id: UUID
    definition: int
    columns: list[ColumnOut]


def board_routes(tokens: PageTokens) -> Routes:
    """The routes of boards; pages of a column go on by signed tokens."""
    routes = Routes("/v1/sales/pipelines/<uuid:pipeline_id>/board", tag="opportunities")

    @routes.get("", permission=READ, query=BoardQuery, returns=BoardOut)
    def get_pipeline_board(call: Call[SalesTx], query: BoardQuery, pipeline_id: UUID) -> Reply:
        """Get a pipeline's board: every open stage with sums and its first cards."""
        return Reply(call.read(get_board, pipeline_id, _view(call, query, pipeline_id)))

    @routes.get("/<stage>", permission=READ, query=ColumnQuery, returns=ColumnPageOut)
    def get_board_column(
        call: Call[SalesTx], query: ColumnQuery, pipeline_id: UUID, stage: str
    ) -> Reply:
        """Get a page of one column, on from the token that the board or the last page gave."""
        after = None
        if query.page_token is not None:
            bound = _bound(call, query, pipeline_id, stage)
            after = position_of(tokens.position(bound, query.page_token))
        view = _view(call, query, pipeline_id)
        return Reply(call.read(get_column, pipeline_id, stage, view, after))

    def _view(call: Call[SalesTx], query: BoardQuery, pipeline_id: UUID) -> BoardView:
        issue = partial(_issue, call, query, pipeline_id)
        return BoardView(query.owner_id, query.page_size, issue)

    def _issue(
        call: Call[SalesTx], query: BoardQuery, pipeline_id: UUID, stage: str, position: list[Any]
    ) -> str:
        return tokens.issue(_bound(call, query, pipeline_id, stage), position)

    return routes


def _bound(call: Call[SalesTx], query: BoardQuery, pipeline_id: UUID, stage: str) -> str:
    """What a token holds for: one column of one tenant's board, of whom it shows."""
    return f"board {call.caller.tenant_id} {pipeline_id} {stage} {query.owner_id}"
