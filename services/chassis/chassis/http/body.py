"""Reads JSON bodies: bounds and refuses before any schema sees the input."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import orjson
from flask import Request
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, ValidationError

from chassis.domain import Violation
from chassis.http.problem import HttpProblem

MAX_BODY = 1024 * 1024
MAX_DEPTH = 32
MAX_STRING = 100_000
MAX_ITEMS = 10_000

_LONG_NUMBER = re.compile(rb"\d{19}")
"""What any number of more than 64 bits has in it; strings may have it, too."""
_LONGEST_NUMBER = 20

M = TypeVar("M", bound=BaseModel)


class Body(BaseModel):
    """The model of a JSON body: unknown members are refused, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("leaves the calendar when it is read in UTC") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A time with a zone, in UTC."""


def _without_defaults(schema: dict[str, Any]) -> None:
    for about in schema.get("properties", {}).values():
        about.pop("default", None)


class Patch(Body):
    """The model of a merge patch: what is not mentioned stays as it is.

    Defaults only make members optional; they are never used, need not be valid, and are not
    documented.
    """

    model_config = ConfigDict(json_schema_extra=_without_defaults)


def read_raw(request: Request, limit: int = MAX_BODY) -> bytes:
    """The body, at most `limit` bytes. Raises a 413 problem above it."""
    declared = request.content_length
    if declared is not None and declared > limit:
        raise too_large(limit)
    raw = request.stream.read(limit + 1)
    if len(raw) > limit:
        raise too_large(limit)
    return raw


def too_large(limit: int) -> HttpProblem:
    """The refusal of a body over `limit` bytes."""
    return HttpProblem(413, "body_too_large", f"The body is limited to {limit} bytes.")


def parse_json(raw: bytes) -> Any:
    """The value of a JSON text within the bounds; raises 400 for bad JSON, 422 out of bounds."""
    if not raw:
        raise HttpProblem(400, "body_missing", "The request needs a JSON body.")
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise HttpProblem(400, "json_unparsable", _unparsable(raw, error)) from None
    if not _surely_within_bounds(raw):
        _check_bounds(value)
    if _LONG_NUMBER.search(raw):
        json.loads(raw, parse_int=_whole_number)
    return value


def _surely_within_bounds(raw: bytes) -> bool:
    """Whether the text alone shows it, as that of nearly every body does, without a walk."""
    openers = raw.count(b"{") + raw.count(b"[")
    return len(raw) <= 2 * MAX_ITEMS and openers <= MAX_DEPTH and b"\\u0000" not in raw


def _unparsable(raw: bytes, error: orjson.JSONDecodeError) -> str:
    if "depth" in error.msg or "ecursion" in error.msg:
        return f"The JSON is nested deeper than {MAX_DEPTH} levels."
    try:
        raw.decode()
    except UnicodeDecodeError as wrong:
        return f"The body is not UTF-8: wrong byte at offset {wrong.start}."
    return f"The body is not JSON: {error.msg}, line {error.lineno} column {error.colno}."


def _check_bounds(value: Any) -> None:
    """Walk without recursion; the bounds keep schema validation and storage cheap."""
    if not isinstance(value, (dict, list, str)):
        return
    pending: list[tuple[Any, int]] = [(value, 1)]
    while pending:
        current, depth = pending.pop()
        if isinstance(current, str):
            _check_string(current)
            continue
        if depth > MAX_DEPTH:
            raise _bound(f"The JSON is nested deeper than {MAX_DEPTH} levels.")
        if len(current) > MAX_ITEMS:
            raise _bound(f"An array or object has more than {MAX_ITEMS} members.")
        if isinstance(current, dict):
            for key in current:
                _check_string(key)
            children = current.values()
        else:
            children = current
        pending.extend((c, depth + 1) for c in children if isinstance(c, (dict, list, str)))


def _whole_number(digits: str) -> int:
    """Beyond 64 bits nothing here could store it, and few clients would read it back exactly."""
    if len(digits) > _LONGEST_NUMBER or not -(2**63) <= int(digits) < 2**63:
        raise _bound("A whole number is larger than 64 bits hold.")
    return int(digits)


def _check_string(text: str) -> None:
    if len(text) > MAX_STRING:
        raise _bound(f"A string is longer than {MAX_STRING} characters.")
    if "\x00" in text:
        raise _bound("A string contains the character U+0000, which cannot be stored.")


def _bound(message: str) -> HttpProblem:
    return HttpProblem(422, "json_out_of_bounds", message)


def read_json(
    request: Request, model: type[M], media_types: tuple[str, ...], limit: int = MAX_BODY
) -> tuple[M, bytes]:
    """The body as `model`, and its bytes.

    Raises 415 for another media type, 400 for bad JSON, 413 and 422 with a pointer to each wrong
    value.
    """
    if request.mimetype not in media_types:
        raise HttpProblem(415, "media_type", f"The body has to be {' or '.join(media_types)}.")
    raw = read_raw(request, limit)
    value = parse_json(raw)
    if not isinstance(value, dict):
        raise HttpProblem(422, "not_an_object", "The body has to be a JSON object.")
    return validate(model, raw), raw


def validate(model: type[M], raw: bytes) -> M:
    """JSON text as `model`; raises 422 with a pointer to each wrong value."""
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise HttpProblem(
            422,
            "validation_failed",
            "The body does not fit its schema.",
            violations=violations_of(error),
        ) from None


def violations_of(error: ValidationError) -> tuple[Violation, ...]:
    """Pydantic's findings as pointers, codes and messages; at most 100 of them."""
    return tuple(
        Violation(
            "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in e["loc"]),
            e["type"],
            e["msg"],
        )
        for e in error.errors(include_url=False, include_input=False, include_context=False)[:100]
    )
