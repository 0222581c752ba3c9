"""Lists: what a caller may sort and filter by, and the statement that a request makes of it."""

from __future__ import annotations

import operator as operator_module
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import Invalid, Violation

R = TypeVar("R", bound="sa.Row[Any]")

Operator = Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "prefix"]

COMPARE: tuple[Operator, ...] = ("eq", "gt", "gte", "lt", "lte")
CHOOSE: tuple[Operator, ...] = ("eq", "ne", "in")
EXACT: tuple[Operator, ...] = ("eq",)

MAX_IN = 200


@dataclass(frozen=True, slots=True)
class FilterField:
    """One thing to filter by.

    `read` turns the text of the request into a value and raises ValueError with a message;
    `condition` says what an operator and its value mean. `schema` is the JSON schema for OpenAPI.
    """

    read: Callable[[str], Any]
    condition: Callable[[Operator, Any], sa.ColumnElement[bool]]
    operators: tuple[Operator, ...]
    schema: Mapping[str, Any]


def column_condition(
    column: sa.ColumnElement[Any],
) -> Callable[[Operator, Any], sa.ColumnElement[bool]]:
    """The plain meaning of the operators for a column."""

    def condition(operator: Operator, value: Any) -> sa.ColumnElement[bool]:
        if operator == "in":
            return column.in_(value)
        if operator == "prefix":
            return sa.and_(column >= value, column < value + "\U0010ffff")
        compared: sa.ColumnElement[bool] = _COMPARISONS[operator](column, value)
        return compared

    return condition


_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": operator_module.eq,
    "ne": operator_module.ne,
    "gt": operator_module.gt,
    "gte": operator_module.ge,
    "lt": operator_module.lt,
    "lte": operator_module.le,
}


def read_uuid(text: str) -> UUID:
    """A UUID."""
    try:
        return UUID(text)
    except ValueError:
        raise ValueError("has to be a UUID") from None


def read_time(text: str) -> datetime:
    """A time with a zone."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("has to be an RFC 3339 time") from None
    if value.tzinfo is None:
        raise ValueError("needs a time zone, like the Z in 2026-01-31T12:00:00Z")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("leaves the calendar when it is read in UTC") from None


def read_date(text: str) -> date:
    """A date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("has to be a date like 2026-01-31") from None


def read_text(text: str) -> str:
    """Any text without U+0000, at most 500 characters."""
    if "\x00" in text or len(text) > 500:
        raise ValueError("has to be text of at most 500 characters")
    return text


def read_boolean(text: str) -> bool:
    """`true` or `false`."""
    if text not in ("true", "false"):
        raise ValueError("has to be true or false")
    return text == "true"


def read_integer(text: str) -> int:
    """A whole number of 64 bits."""
    if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit():
        raise ValueError("has to be a whole number")
    if len(text) > 19:
        raise ValueError("is out of range")
    return int(text)


def one_of(*words: str) -> Callable[[str], str]:
    """One of the words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"has to be one of {', '.join(words)}")
        return text

    return read


def text_filter(column: sa.ColumnElement[Any], *more: Operator) -> FilterField:
    """A filter by equality of text."""
    return FilterField(read_text, column_condition(column), (*CHOOSE, *more), {"type": "string"})


def uuid_filter(column: sa.ColumnElement[Any]) -> FilterField:
    """A filter by identifier."""
    schema = {"type": "string", "format": "uuid"}
    return FilterField(read_uuid, column_condition(column), CHOOSE, schema)


def time_filter(column: sa.ColumnElement[Any]) -> FilterField:
    """A filter by a range of times."""
    schema = {"type": "string", "format": "date-time"}
    return FilterField(read_time, column_condition(column), COMPARE, schema)


def date_filter(column: sa.ColumnElement[Any]) -> FilterField:
    """A filter by a range of dates."""
    schema = {"type": "string", "format": "date"}
    return FilterField(read_date, column_condition(column), COMPARE, schema)


def boolean_filter(column: sa.ColumnElement[Any]) -> FilterField:
    """A filter by yes or no."""
    return FilterField(read_boolean, column_condition(column), EXACT, {"type": "boolean"})


def integer_filter(column: sa.ColumnElement[Any]) -> FilterField:
    """A filter by a range of whole numbers, as large as the column takes."""
    kinds: dict[type[Any], int] = {sa.SmallInteger: 15, sa.BigInteger: 63}
    bound = 2 ** kinds.get(type(column.type), 31) - 1

    def read(text: str) -> int:
        value = read_integer(text)
        if not -bound <= value <= bound:
            raise ValueError("is out of range")
        return value

    schema = {"type": "integer", "minimum": -bound, "maximum": bound}
    return FilterField(read, column_condition(column), (*COMPARE, "in"), schema)


def archived_filter(archived_at: sa.ColumnElement[Any]) -> FilterField:
    """A filter by whether a record was put away: `true`, `false`, or `any` for both."""

    def condition(_operator: Operator, value: Any) -> sa.ColumnElement[bool]:
        if value == "any":
            return sa.true()
        return archived_at.isnot(None) if value == "true" else archived_at.is_(None)

    words = ("true", "false", "any")
    return FilterField(one_of(*words), condition, EXACT, {"enum": list(words)})


def presence_filter(column: sa.ColumnElement[Any]) -> FilterField:
    """A filter by whether there is anything in a column, in words that an index serves."""

    def condition(_operator: Operator, there: Any) -> sa.ColumnElement[bool]:
        return column.isnot(None) if there else column.is_(None)

    return FilterField(read_boolean, condition, EXACT, {"type": "boolean"})


def choice_filter(column: sa.ColumnElement[Any], *words: str) -> FilterField:
    """A filter by one of a few words."""
    schema = {"type": "string", "enum": list(words)}
    return FilterField(one_of(*words), column_condition(column), CHOOSE, schema)


@dataclass(frozen=True, slots=True)
class ListSpec:
    """What a list offers.

    Columns to sort by must not be null. `key` breaks ties and is unique. Parameters that begin
    with one of `open_prefixes` are handed to the query as they are (custom fields, say). A `whole`
    list comes in one answer, an export: it has no pages to ask for.
    """

    key: sa.ColumnElement[Any]
    sorts: Mapping[str, sa.ColumnElement[Any]]
    default_sort: str
    filters: Mapping[str, FilterField] = field(default_factory=dict)
    searchable: bool = False
    expands: tuple[str, ...] = ()
    open_prefixes: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class OpenFilter:
    """A filter that only the query understands: `custom.colour[in]=red,blue`."""

    name: str
    operator: Operator
    text: str


@dataclass(frozen=True, slots=True)
class Sort:
    """One column of the order."""

    name: str
    column: sa.ColumnElement[Any]
    descending: bool


@dataclass(slots=True)
class Listing:
    """One request for a page, checked.

    `given` holds the names of the filters that the caller used. `issue` turns a position into a
    token.
    """

    spec: ListSpec
    page_size: int
    sorts: tuple[Sort, ...]
    conditions: tuple[sa.ColumnElement[bool], ...]
    open_filters: tuple[OpenFilter, ...]
    query: str | None
    expand: frozenset[str]
    count: bool
    given: frozenset[str]
    position: list[Any] | None
    issue: Callable[[list[Any]], str]

    def fetch(
        self,
        connection: sa.Connection,
        statement: sa.Select[Any],
        present: Callable[[sa.Row[Any]], Any] = lambda row: dict(row._mapping),
    ) -> dict[str, Any]:
        """The page of what the statement gives, and how many there are in all if that was asked."""
        page = self.page(connection.execute(self.apply(statement)).all(), present)
        if self.count:
            page["total_count"] = connection.execute(self.counted(statement)).scalar_one()
        return page

    def apply(self, statement: sa.Select[Any]) -> sa.Select[Any]:
        """Filters, order, position and limit; one row more than the page tells of the next."""
        for condition in self.conditions:
            statement = statement.where(condition)
        if self.position is not None:
            statement = statement.where(_after(self.sorts, self.position))
        order = [s.column.desc() if s.descending else s.column.asc() for s in self.sorts]
        return statement.order_by(*order).limit(self.page_size + 1)

    def counted(self, statement: sa.Select[Any]) -> sa.Select[Any]:
        """How many rows there are on all pages together."""
        for condition in self.conditions:
            statement = statement.where(condition)
        return sa.select(sa.func.count()).select_from(statement.order_by(None).subquery())

    def page(self, rows: Sequence[R], present: Callable[[R], Any]) -> dict[str, Any]:
        """The answer: items, and the token of the next page.

        The rows have the sort columns under their own names.
        """
        token = None
        if len(rows) > self.page_size:
            rows = rows[: self.page_size]
            last = rows[-1]._mapping
            token = self.issue([last[s.column] for s in self.sorts])
        return {"items": [present(row) for row in rows], "next_page_token": token}


def _after(sorts: tuple[Sort, ...], position: list[Any]) -> sa.ColumnElement[bool]:
    if len({s.descending for s in sorts}) == 1:
        columns = sa.tuple_(*(s.column for s in sorts))
        bound = sa.tuple_(
            *(sa.literal(v, s.column.type) for s, v in zip(sorts, position, strict=True))
        )
        return columns < bound if sorts[0].descending else columns > bound
    choices = []
    for index, sort in enumerate(sorts):
        same = [s.column == v for s, v in zip(sorts[:index], position, strict=False)]
        value = position[index]
        beyond = sort.column < value if sort.descending else sort.column > value
        choices.append(sa.and_(*same, beyond))
    return sa.or_(*choices)


def wrong_parameter(name: str, code: str, message: str) -> Invalid:
    """The refusal of a query parameter."""
    return Invalid(f"{name}: {message}", code=code, violations=(Violation(name, code, message),))
