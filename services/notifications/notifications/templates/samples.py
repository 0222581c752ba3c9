"""Makes values that fit a schema of variables: what a template is tried with before it is published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

_TEXTS: Mapping[str, str] = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T09:30:00Z",
    "time": "09:30:00Z",
    "email": "ada@example.com",
    "uri": "https://example.com/",
    "uuid": "01890a5d-ac96-774b-bcce-b302099a8057",
}


def sample(schema: Schema, *, optional: bool) -> Any:
    """A value that fits; of objects, only what is required unless `optional`.

    Examples that a schema gives go before what is made up.
    """
    for source in ("examples", "enum"):
        if schema.get(source):
            return schema[source][0]
    kind = schema.get("type", "string" if "properties" not in schema else "object")
    if kind == "object":
        needed = frozenset(schema.get("required", ()))
        return {
            name: sample(below, optional=optional)
            for name, below in schema.get("properties", {}).items()
            if optional or name in needed
        }
    if kind == "array":
        count = max(1 if optional else 0, schema.get("minItems", 0))
        return [sample(schema.get("items", {}), optional=optional)] * min(count, 1000)
    if kind == "boolean":
        return optional
    if kind in {"integer", "number"}:
        return _number(schema)
    return _text(schema)


def _number(schema: Schema) -> int | float:
    least, most = schema.get("minimum"), schema.get("maximum")
    number: int | float = 3
    if least is not None:
        number = max(number, least)
    return number if most is None else min(number, most)


def _text(schema: Schema) -> str:
    if "format" in schema:
        return _TEXTS.get(schema["format"], "text")
    text = "text".ljust(min(schema.get("minLength", 0), 10_000), "x")
    return text[: schema.get("maxLength", len(text))]
