"""Reads query strings strictly: a parameter that means nothing is refused by name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, TypeVar, cast, get_args

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.datastructures import MultiDict

from chassis.domain import Violation
from chassis.http.page_token import PageTokens
from chassis.http.problem import HttpProblem
from chassis.storage.listing import (
    MAX_IN,
    FilterField,
    Listing,
    ListSpec,
    OpenFilter,
    Operator,
    Sort,
)

MAX_QUERY = 8_192
DEFAULT_PAGE = 50
MAX_PAGE = 200
MAX_SEARCH = 200

_PARAMETER = re.compile(r"(?P<name>[^\[\]]+)(\[(?P<operator>[a-z]+)\])?")
_LIST_WORDS = ("page_size", "page_token", "sort", "count")
_WHOLE_LIST_WORDS = ("sort",)


class Query(BaseModel):
    """The model of the query parameters of a route that is no list."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Q = TypeVar("Q", bound=Query)


def refuse(name: str, code: str, message: str) -> HttpProblem:
    """A 400 problem about one parameter."""
    return HttpProblem(
        400, code, f"{name}: {message}", violations=(Violation(name, code, message),)
    )


def single_values(args: MultiDict[str, str]) -> dict[str, str]:
    """The parameters; each may be given once."""
    values: dict[str, str] = {}
    for name, given in args.lists():
        if len(given) > 1:
            raise refuse(name, "parameter_repeated", "may be given only once")
        if "\x00" in given[0] or "\x00" in name:
            raise refuse(name.replace("\x00", ""), "parameter_invalid", "contains U+0000")
        values[name] = given[0]
    return values


def read_query(args: MultiDict[str, str], model: type[Q]) -> Q:
    """The parameters as `model`; raises a 400 problem that names each wrong one."""
    try:
        return model.model_validate(single_values(args))
    except ValidationError as error:
        violations = tuple(
            Violation(str(e["loc"][0]) if e["loc"] else "", _code(e["type"]), e["msg"])
            for e in error.errors(include_url=False, include_input=False, include_context=False)
        )
        names = ", ".join(v.pointer for v in violations)
        raise HttpProblem(
            400, violations[0].code, f"Wrong query parameters: {names}.", violations=violations
        ) from None


def _code(kind: str) -> str:
    return "unknown_parameter" if kind == "extra_forbidden" else "parameter_invalid"


def parted(
    args: MultiDict[str, str], model: type[Query]
) -> tuple[MultiDict[str, str], MultiDict[str, str]]:
    """The parameters of a model, and those of the list that it goes with."""
    given = list(args.items(multi=True))
    own = [pair for pair in given if pair[0] in model.model_fields]
    return MultiDict(own), MultiDict([pair for pair in given if pair not in own])


def read_nothing(args: MultiDict[str, str]) -> None:
    """Refuse any parameter, for routes that have none."""
    for name in args:
        raise refuse(name, "unknown_parameter", "is not a parameter here")


def read_listing(
    args: MultiDict[str, str], spec: ListSpec, tokens: PageTokens, context: str
) -> Listing:
    """The request for a page. `context` names the list and the tenant, for the page token."""
    values = single_values(args)
    words = _WHOLE_LIST_WORDS if spec.whole else _LIST_WORDS
    paging = {word: values.pop(word) for word in words if word in values}
    query = values.pop("q", None) if spec.searchable else None
    if query is not None and not 0 < len(query.strip()) <= MAX_SEARCH:
        raise refuse("q", "parameter_invalid", f"needs 1 to {MAX_SEARCH} characters")
    expand = _expand(values.pop("expand", None), spec) if spec.expands else frozenset()
    sorts = _sorts(paging.get("sort", spec.default_sort), spec)
    conditions, open_filters = _filters(values, spec)
    bound = orjson.dumps([context, paging.get("sort"), query, sorted(values.items())])
    bound_context = hashlib.sha256(bound).hexdigest()
    token = paging.get("page_token")
    return Listing(
        spec=spec,
        page_size=_page_size(paging.get("page_size")),
        sorts=sorts,
        conditions=conditions,
        open_filters=open_filters,
        query=query,
        expand=expand,
        count=_count(paging.get("count")),
        given=frozenset(name.partition("[")[0] for name in values),
        position=None if token is None else tokens.position(bound_context, token),
        issue=lambda position: tokens.issue(bound_context, position),
    )


def _page_size(text: str | None) -> int:
    if text is None:
        return DEFAULT_PAGE
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MAX_PAGE):
        raise refuse("page_size", "parameter_invalid", f"has to be 1 to {MAX_PAGE}")
    return int(text)


def _count(text: str | None) -> bool:
    if text not in (None, "true", "false"):
        raise refuse("count", "parameter_invalid", "has to be true or false")
    return text == "true"


def _expand(text: str | None, spec: ListSpec) -> frozenset[str]:
    words = frozenset(text.split(",")) if text else frozenset()
    for word in sorted(words - set(spec.expands)):
        raise refuse("expand", "parameter_invalid", f"{word!r} is not {', '.join(spec.expands)}")
    return words


def _sorts(text: str, spec: ListSpec) -> tuple[Sort, ...]:
    sorts: list[Sort] = []
    for word in text.split(","):
        name = word.removeprefix("-")
        if name not in spec.sorts or any(s.name == name for s in sorts):
            known = ", ".join(spec.sorts)
            raise refuse("sort", "parameter_invalid", f"{name!r} is not one of {known}, once each")
        sorts.append(Sort(name, spec.sorts[name], word.startswith("-")))
    return (*sorts, Sort("id", spec.key, sorts[-1].descending))


def _filters(
    values: Mapping[str, str], spec: ListSpec
) -> tuple[tuple[Any, ...], tuple[OpenFilter, ...]]:
    conditions: list[Any] = []
    open_filters = []
    for parameter, text in values.items():
        match = _PARAMETER.fullmatch(parameter)
        name = match["name"] if match else parameter
        operator = (match["operator"] if match else None) or "eq"
        known = spec.filters.get(name)
        if known is not None and match:
            conditions.append(_condition(parameter, known, operator, text))
        elif match and name.startswith(spec.open_prefixes or ("\x00",)):
            if operator not in get_args(Operator):
                raise refuse(parameter, "unknown_parameter", f"{operator!r} is no operator")
            open_filters.append(OpenFilter(name, cast("Operator", operator), text))
        else:
            raise refuse(parameter, "unknown_parameter", "is not a parameter here")
    return tuple(conditions), tuple(open_filters)


def _condition(parameter: str, known: FilterField, operator: str, text: str) -> Any:
    if operator not in known.operators:
        allowed = ", ".join(known.operators)
        raise refuse(parameter, "unknown_parameter", f"the operator has to be one of {allowed}")
    try:
        if operator == "in":
            words = text.split(",")
            if len(words) > MAX_IN:
                raise ValueError(f"takes at most {MAX_IN} values")
            return known.condition("in", [known.read(word) for word in words])
        return known.condition(cast("Operator", operator), known.read(text))
    except ValueError as error:
        raise refuse(parameter, "parameter_invalid", str(error)) from None
