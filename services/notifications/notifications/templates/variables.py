"""The variables of templates: which schemas are taken, and which values fit them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs
import orjson

from chassis.domain import Invalid, Violation

MOST_PROPERTIES = 100
DEEPEST = 6
RESERVED = frozenset({"recipient", "links", "language"})
"""Names of what every template has anyway."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_TYPES = frozenset({"string", "integer", "number", "boolean", "object", "array"})
_FORMATS = frozenset({"date", "date-time", "time", "email", "uri", "uuid"})
# What can be checked quickly whatever the values are: no patterns, no references, no alternatives.
_KEYWORDS: Mapping[str, type[Any] | tuple[type[Any], ...]] = {
    "type": str,
    "title": str,
    "description": str,
    "format": str,
    "enum": list,
    "properties": dict,
    "required": list,
    "additionalProperties": bool,
    "items": dict,
    "minLength": int,
    "maxLength": int,
    "minimum": (int, float),
    "maximum": (int, float),
    "minItems": int,
    "maxItems": int,
    "examples": list,
}


def schema_violations(schema: Mapping[str, Any], pointer: str = "/variables") -> list[Violation]:
    """What is wrong with a schema of variables; it has to be one of an object, or empty."""
    if not schema:
        return []
    found = list(_wrong(schema, pointer, 1))
    if schema.get("type") != "object":
        message = "The variables are an object."
        found.append(Violation(f"{pointer}/type", "schema_invalid", message))
    for name in schema.get("properties", {}) if not found else ():
        if name in RESERVED or _NAME.fullmatch(name) is None:
            message = (
                "A variable has 1 to 63 of a-z, 0-9 and _, begins with a letter, and is none of"
                f" {', '.join(sorted(RESERVED))}."
            )
            found.append(Violation(f"{pointer}/properties/{name}", "name_malformed", message))
    return found


def accepted(
    schema: Mapping[str, Any], variables: Mapping[str, Any], pointer: str = "/variables"
) -> dict[str, Any]:
    """The variables as a template gets them; whole numbers are whole, whatever brought them.

    Raises `Invalid` that points at each value that does not fit the schema.
    """
    taken = _whole(schema, dict(variables))
    validator = _validator(orjson.dumps(schema, option=orjson.OPT_SORT_KEYS))
    wrong = tuple(
        Violation(pointer + _pointer(error.instance_path), "variable_unfit", error.message[:300])
        for error, _ in zip(validator.iter_errors(taken), range(50), strict=False)
    )
    if wrong:
        raise Invalid("The variables do not fit the template.", violations=wrong)
    result: dict[str, Any] = taken
    return result


@lru_cache(maxsize=500)
def _validator(schema: bytes) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(orjson.loads(schema), validate_formats=True)


def _wrong(schema: Any, pointer: str, depth: int) -> Iterator[Violation]:
    if not isinstance(schema, dict):
        yield Violation(pointer, "schema_invalid", "A schema is an object.")
        return
    if depth > DEEPEST:
        yield Violation(pointer, "schema_too_deep", f"At most {DEEPEST} levels are taken.")
        return
    for keyword, value in schema.items():
        yield from _wrong_keyword(schema, keyword, value, f"{pointer}/{keyword}")
    properties = schema.get("properties")
    for name, below in properties.items() if isinstance(properties, dict) else ():
        yield from _wrong(below, f"{pointer}/properties/{name}", depth + 1)
    if "items" in schema:
        yield from _wrong(schema["items"], f"{pointer}/items", depth + 1)


def _wrong_keyword(
    schema: Mapping[str, Any], keyword: str, value: Any, pointer: str
) -> Iterator[Violation]:
    expected = _KEYWORDS.get(keyword)
    if expected is None:
        message = f"Of JSON Schema, {', '.join(sorted(_KEYWORDS))} are taken."
        yield Violation(pointer, "keyword_unknown", message)
    elif not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        yield Violation(pointer, "schema_invalid", f"{keyword} cannot have such a value.")
    elif keyword == "type" and value not in _TYPES:
        yield Violation(pointer, "schema_invalid", f"A type is {', '.join(sorted(_TYPES))}.")
    elif keyword == "format" and value not in _FORMATS:
        yield Violation(pointer, "schema_invalid", f"A format is {', '.join(sorted(_FORMATS))}.")
    elif keyword in {"properties", "enum", "examples", "required"}:
        yield from _wrong_many(schema, keyword, value, pointer)


def _wrong_many(
    schema: Mapping[str, Any], keyword: str, value: Any, pointer: str
) -> Iterator[Violation]:
    if len(value) > MOST_PROPERTIES:
        yield Violation(pointer, "schema_too_large", f"At most {MOST_PROPERTIES} are taken.")
    if keyword == "required":
        for place, name in enumerate(value):
            if not isinstance(name, str) or name not in schema.get("properties", {}):
                message = "Only a property that is declared can be required."
                yield Violation(f"{pointer}/{place}", "schema_invalid", message)
    if keyword == "enum" and not value:
        yield Violation(pointer, "schema_invalid", "An enum has at least one value.")


def _whole(schema: Mapping[str, Any], value: Any) -> Any:
    """JSON of protobuf has no whole numbers: 3 comes as 3.0."""
    kind = schema.get("type")
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        below = schema.get("properties", {})
        return {name: _whole(below.get(name, {}), each) for name, each in value.items()}
    if isinstance(value, list):
        return [_whole(schema.get("items", {}), each) for each in value]
    return value


def _pointer(path: list[str | int]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
