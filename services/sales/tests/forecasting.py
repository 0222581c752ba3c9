"""Makes people who sell, and what they expect to sell, over REST as an app does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase
from services.sales.tests.builders import (
    Sales,
    choose_base,
    define_pipeline,
    good,
    move,
    open_one,
    stage,
)

FORECASTS = "/v1/sales/forecasts"
ADJUSTMENTS = "/v1/sales/forecast-adjustments"
SNAPSHOTS = "/v1/sales/forecast-snapshots"
FORECAST_SETTINGS = "/v1/sales/forecast-settings"
MANAGING = {"sales.*": "team"}
SELLING = {
    "sales.opportunities.*": "own",
    "sales.forecasts.read": "own",
    "sales.quotas.read": "own",
    "sales.commission_statements.read": "own",
    "sales.commission_plans.read": "own",
}


@dataclass
class SalesForce:
    """A manager's team of two below the manager, and somebody in another team."""

    sales: Sales
    app: ApiClient
    ann: UUID = field(default_factory=uuid4)
    bob: UUID = field(default_factory=uuid4)
    carl: UUID = field(default_factory=uuid4)
    boss: UUID = field(default_factory=uuid4)
    pipeline: dict[str, Any] = field(init=False)
    team: UUID = field(init=False)
    team_below: UUID = field(init=False)
    other_team: UUID = field(init=False)

    def __post_init__(self) -> None:
        assert self.app.tenant_id is not None
        self.tenant: UUID = self.app.tenant_id
        choose_base(self.app)
        self.pipeline = define_pipeline(
            self.app,
            stage("new", 10),
            stage("hopeful", 40, forecast_category="best_case"),
            stage("sure", 90, forecast_category="commit"),
            stage("odd", 20, forecast_category="omitted"),
        )
        access = self.sales.access
        self.team = access.team(self.tenant, [self.boss, self.ann])
        self.team_below = access.team(self.tenant, [self.bob], parent=self.team)
        self.other_team = access.team(self.tenant, [self.carl])
        self.manager = self._user(self.boss, MANAGING, self.team)
        # What the access source tells is kept once somebody calls.
        good(self.manager.get("/v1/sales/opportunities"))

    def seller(self, user_id: UUID) -> ApiClient:
        """Somebody who sees their own."""
        return self._user(user_id, SELLING)

    def _user(self, user_id: UUID, grants: dict[str, str], *teams: UUID) -> ApiClient:
        """A user whose token outlives a clock that is moved by years."""
        role = self.sales.access.role(self.tenant, grants)
        self.sales.service.directory.forget(self.tenant)
        expires = int(datetime(2199, 1, 1, tzinfo=UTC).timestamp())
        token = self.sales.tokens.sign(
            sub=str(user_id),
            uid=str(user_id),
            client_id="test-console",
            sid=str(uuid4()),
            tid=str(self.tenant),
            scope="*",
            roles=[str(role)],
            teams=[str(team) for team in teams],
            exp=expires,
        )
        return ApiClient(self.sales.app, token, self.tenant)

    def expect(self, owner: UUID | None, where: str, amount: str, on: str) -> dict[str, Any]:
        """An opportunity in a stage, expected to be won on a day; with the app, nobody's is nobody's."""
        more: dict[str, Any] = {"amount": {"amount": amount, "currency": "TWD"}} if amount else {}
        owned = {} if owner is None else {"owner_id": str(owner)}
        return open_one(self.app, self.pipeline, stage=where, expected_close_on=on, **more, **owned)

    def win(self, owner: UUID, amount: str) -> dict[str, Any]:
        """An opportunity that is won now."""
        one = self.expect(owner, "new", amount, "2020-01-01")
        return good(move(self.app, one, "won"))


def assert_kept(database: TestDatabase, *tables: str) -> None:
    """The service's own login may neither change nor delete rows of these tables."""
    for table in tables:
        for attempt in ("UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}"):
            with (
                psycopg.connect(database.runtime_url) as connection,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                connection.execute(sql.SQL(attempt).format(sql.Identifier(table)))


def money(amount: str) -> dict[str, str]:
    """An amount in the tenant's base currency."""
    return {"amount": amount, "currency": "TWD"}


def by_user(answer: dict[str, Any]) -> dict[str | None, dict[str, Any]]:
    """The items of a forecast by the person they are about."""
    return {item["user_id"]: item for item in answer["items"]}


def by_team(answer: dict[str, Any]) -> dict[str | None, dict[str, Any]]:
    """The items of a forecast by the team they are about."""
    return {item["team_id"]: item for item in answer["items"]}


def amounts(item: dict[str, Any], *names: str) -> list[str]:
    """Some figures of an item, as their amounts alone."""
    return [item[name]["amount"] for name in names]
