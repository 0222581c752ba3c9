"""The table of all values in the README of a service's chart, out of its schema, its values and the service's settings."""

import json
from collections.abc import Iterator
from typing import Any

from deploy.tools.charts.layout import ServiceChart
from deploy.tools.charts.schemas import schema_of
from deploy.tools.charts.settings import defaults, settings_class

BEGIN = "<!-- values: written by `python -m deploy.tools.charts write` -->\n"
END = "<!-- end of values -->\n"
_HEAD = "| value | unless given | what it is |\n| --- | --- | --- |\n"


class NoTable(Exception):
    """A README has no place for the table; the message says which."""


def with_table(readme: str, chart: ServiceChart) -> str:
    """The README with the table as it is to be; raises `NoTable` when it has no place for it."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoTable(f"helm/{chart.name}/README.md has no lines {BEGIN.strip()} and {END.strip()}")
    return f"{before}{BEGIN}{_HEAD}{''.join(_rows(chart))}{END}{after}"


def _rows(chart: ServiceChart) -> Iterator[str]:
    schema, values = schema_of(chart), chart.all_values
    properties = {
        name: one for name, one in schema["properties"].items() if name not in {"global", "common"}
    }
    for path, text in _leaves(properties, schema["definitions"], ()):
        value = _value_at(values, path)
        yield _row(".".join(path), value, text)
        if path[0] == "settings":
            yield from _settings(chart, schema)
        if path[0] == "roles":
            yield from _roles(chart, schema["definitions"])
    yield _row(
        "global.rapport", {}, "What holds for all services of a release, with the same names"
    )


def _leaves(
    properties: dict[str, Any], definitions: dict[str, Any], above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """The path and the explanation of each value that is no mapping of further ones."""
    for name, one in properties.items():
        path, text = (*above, name), one.get("description", "")
        (referred,) = one.get("allOf", [one])
        shape = definitions[referred["$ref"].rpartition("/")[2]] if "$ref" in referred else one
        deeper = shape.get("properties")
        if deeper and name not in {"settings", "resources"}:
            yield from _leaves(deeper, definitions, path)
        else:
            yield path, text


def _settings(chart: ServiceChart, schema: dict[str, Any]) -> Iterator[str]:
    known = defaults(settings_class(chart.root, chart.name))
    for name, one in schema["definitions"]["settings"]["properties"].items():
        yield _row(f"settings.{name}", known.get(name), one.get("description", ""))


def _roles(chart: ServiceChart, definitions: dict[str, Any]) -> Iterator[str]:
    texts = dict(_leaves(definitions["role"]["properties"], definitions, ()))
    for role, own in chart.values["roles"].items():
        for path, value in _flat(own, ()):
            yield _row(f"roles.{role}.{'.'.join(path)}", value, texts.get(path, ""))


def _flat(
    values: dict[str, Any], above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], object]]:
    for name, value in values.items():
        if isinstance(value, dict) and name != "resources":
            yield from _flat(value, (*above, name))
        else:
            yield (*above, name), value


def _value_at(values: dict[str, Any], path: tuple[str, ...]) -> object:
    found: Any = values
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return {} if path == ("roles",) else found


def _row(name: str, value: object, text: str) -> str:
    shown = "" if value in (None, "", [], {}) else f"`{_text(value)}`"
    return f"| `{name}` | {shown} | {text.replace('|', chr(92) + '|')} |\n"


def _text(value: object) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False).replace('"', "")
    return str(value).lower() if isinstance(value, bool) else str(value)
