"""What a report counts and how it tells groups apart: period, dimension, filters, reach, size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.storage.unit_of_work import Reading
from sales.analytics.domain import MOST_GROUPS, parts_of
from sales.analytics.storage import counted_leads, counted_opportunities
from sales.periods.domain import Period, PeriodLength
from sales.teams import teams_of

_KEY = "key"


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for: of which period, told apart by what, and which records alone."""

    period: Period
    by: str | None = None
    only: Mapping[str, Any] = field(default_factory=dict)
    """Dimension, other than time, to the one value that counts."""

    @property
    def is_by_time(self) -> bool:
        """Whether groups are months, quarters or years."""
        return self.by in set(PeriodLength)


class Counting:
    """The rows that a report counts, as a source to select from, with a key for each group.

    Without `apart` all is one group. A row belongs to each of its products, and to each team of its
    owner. An opportunity has the campaign that the conversion of its lead is credited to.
    """

    def __init__(self, reading: Reading, table: sa.Table, selection: Selection) -> None:
        self._reading = reading
        self._table = table
        self.selection = selection
        self.is_apart = False
        self.rows = table.c
        self._parts = _parts([selection.period])
        self._from: sa.FromClause = table
        self._key: sa.ColumnElement[Any] = sa.null()

    def apart(self) -> Counting:
        """The same, told apart by the dimension that is asked for."""
        one = Counting(self._reading, self._table, self.selection)
        one.is_apart = True
        one._tell_apart(self.selection.by or "")
        return one

    def keyed(self, key: sa.ColumnElement[Any]) -> Counting:
        """The same by the value of another column."""
        one = Counting(self._reading, self._table, self.selection)
        one.is_apart, one._parts, one._key = self.is_apart, self._parts, key
        return one

    @property
    def begins_at(self) -> sa.ColumnElement[Any]:
        """When the part of the period begins."""
        return self._parts.c.begins_at

    @property
    def ends_at(self) -> sa.ColumnElement[Any]:
        """When it is over."""
        return self._parts.c.ends_at

    def within(self, moment: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """Whether a time is within the part of the period."""
        return sa.and_(moment >= self.begins_at, moment < self.ends_at)

    def select(
        self,
        during: sa.ColumnElement[bool],
        *columns: sa.ColumnElement[Any],
        also: Sequence[tuple[sa.FromClause, sa.ColumnElement[bool]]] = (),
    ) -> sa.Select[Any]:
        """A selection of rows that are `during` a part of the period, with the key of their group.

        `also` is joined from the left.
        """
        source = self._from.join(self._parts, during)
        for other, condition in also:
            source = source.join(other, condition, isouter=True)
        key = sa.func.nullif(sa.cast(self._key, sa.Text), "").label(_KEY)
        chosen = sa.select(key, *columns).select_from(source)
        chosen = chosen.where(self.rows.tenant_id == self._reading.caller.tenant_id)
        for name, value in self.selection.only.items():
            chosen = chosen.where(self._is(name, value))
        return self._reading.scope.narrow(chosen, self.rows.owner_id)

    def _tell_apart(self, by: str) -> None:
        if self.selection.is_by_time:
            self._parts = _parts(parts_of(self.selection.period, by))
            self._key = self._parts.c.name
        elif by == "team":
            members = self._members()
            self._from = self._from.join(
                members, members.c.user_id == self.rows.owner_id, isouter=True
            )
            self._key = members.c.team_id
        elif by == "product":
            unnested = sa.func.unnest(self.rows.product_ids)
            products = unnested.table_valued("id", joins_implicitly=True).render_derived("products")
            self._from = self._from.join(products, sa.true(), isouter=True)
            self._key = products.c.id
        elif by == "campaign" and by not in self.rows:
            of_it = sa.and_(
                counted_leads.c.tenant_id == self.rows.tenant_id,
                counted_leads.c.lead_id == self.rows.lead_id,
            )
            self._from = self._from.join(counted_leads, of_it, isouter=True)
            self._key = counted_leads.c.credited_campaign
        else:
            self._key = self.rows[_COLUMNS.get(by, by)]

    def _is(self, name: str, value: Any) -> sa.ColumnElement[bool]:
        if name == "team":
            members = self._members()
            of_team = sa.select(members.c.user_id).where(members.c.team_id == value)
            return self.rows.owner_id.in_(of_team)
        if name == "product":
            return sa.literal(value, sa.Uuid) == sa.func.any(self.rows.product_ids)
        if name == "campaign" and name not in self.rows:
            credited = sa.select(counted_leads.c.lead_id).where(
                counted_leads.c.tenant_id == self._reading.caller.tenant_id,
                counted_leads.c.credited_campaign == value,
            )
            return self.rows.lead_id.in_(credited)
        alike: sa.ColumnElement[bool] = self.rows[_COLUMNS.get(name, name)] == value
        return alike

    def _members(self) -> sa.FromClause:
        """Who counts for which team now, of the teams that are within reach altogether."""
        teams = teams_of(self._reading).within(self._reading.scope)
        columns = (sa.column("team_id", sa.Uuid), sa.column("user_id", sa.Uuid))
        rows = [(team, user) for team, people in teams.items() for user in people]
        # A list of values cannot be empty.
        return sa.values(*columns, name="team_members").data(rows or [(None, None)])


def of_opportunities(reading: Reading, selection: Selection) -> Counting:
    """Opportunities to count."""
    return Counting(reading, counted_opportunities, selection)


def of_leads(reading: Reading, selection: Selection) -> Counting:
    """Leads to count."""
    return Counting(reading, counted_leads, selection)


def largest(reading: Reading, grouped: sa.Select[Any], size: str) -> Sequence[sa.RowMapping]:
    """The rows of the largest groups, by the sum of a column; one group more than are shown.

    Groups are in the order of their size; rows of a group are together.
    """
    rows = grouped.subquery("grouped")
    sized = sa.select(
        rows, sa.func.sum(rows.c[size]).over(partition_by=rows.c.key).label("group_size")
    ).subquery("sized")
    order = (sized.c.group_size.desc(), sized.c.key.asc().nulls_last())
    placed = sa.select(sized, sa.func.dense_rank().over(order_by=order).label("place")).subquery()
    # One position more than is shown, so that the answer can say that there are more.
    shown = sa.select(placed).where(placed.c.place <= MOST_GROUPS + 1).order_by(placed.c.place)
    return reading.connection.execute(shown).mappings().all()


def _parts(periods: Sequence[Period]) -> sa.Values:
    columns = (
        sa.column("name", sa.Text),
        sa.column("begins_at", sa.DateTime(timezone=True)),
        sa.column("ends_at", sa.DateTime(timezone=True)),
    )
    rows = [(one.name, one.begins_at, one.ends_at) for one in periods]
    return sa.values(*columns, name="parts").data(rows)


_COLUMNS: Mapping[str, str] = {"owner": "owner_id", "pipeline": "pipeline_id"}

FILTERS: Mapping[str, str] = {
    "owner_id": "owner",
    "team_id": "team",
    "product_id": "product",
    "pipeline_id": "pipeline",
    "source": "source",
    "channel": "channel",
    "branch": "branch",
    "industry": "industry",
    "campaign": "campaign",
}
"""Parameter to the dimension that it chooses one value of."""


def chosen(given: Mapping[str, str | UUID | None]) -> dict[str, Any]:
    """The dimensions that parameters choose one value of."""
    return {FILTERS[name]: value for name, value in given.items() if value is not None}
