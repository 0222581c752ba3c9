"""The schema of a service's chart: the library's, and the service's own settings. Helm follows no reference between charts."""

import json
from typing import Any

from chassis.settings import ServiceSettings
from deploy.tools.charts.layout import LIBRARY, ServiceChart
from deploy.tools.charts.settings import secret_settings, settings_class, settings_schema

_WIDTH = 140


def schema_of(chart: ServiceChart) -> dict[str, Any]:
    """The content of the chart's `values.schema.json`."""
    path = chart.root / "helm" / LIBRARY / "schema.json"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    kind = settings_class(chart.root, chart.name)
    secrets = secret_settings(kind, chart.all_values["secretKeys"])
    shared = settings_schema(ServiceSettings, secret_settings(ServiceSettings, []))
    everywhere = {
        "description": "What holds for all services of the release",
        "type": "object",
        "additionalProperties": False,
        "properties": _for_all_services(schema["properties"]),
    }
    schema["title"] = f"Values of the chart {chart.name}"
    schema["description"] = "Written by `python -m deploy.tools.charts write`; do not edit."
    schema["definitions"]["settings"] = settings_schema(kind, secrets)
    schema["definitions"]["sharedSettings"] = shared
    schema["properties"] |= {
        "global": {"type": "object", "properties": {"rapport": everywhere}},
        LIBRARY: {"type": "object"},
    }
    return schema


def _for_all_services(properties: dict[str, Any]) -> dict[str, Any]:
    """What may be said for all services at once: not what each is by itself, nor its own secrets' names."""
    own = """
        enabled stateless asks consumes documents secretKeys sendsMail callsOutside roles
    """.split()
    kept = {name: value for name, value in properties.items() if name not in own}
    shared = {"description": "Settings of all services", "$ref": "#/definitions/sharedSettings"}
    return kept | {"settings": shared}


def dump(value: object, indent: str = "") -> str:
    """JSON in which whatever fits on a line is on one."""
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(line) <= _WIDTH or not isinstance(value, dict | list) or not value:
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {dump(one, deeper)}" for key, one in value.items()]
    else:
        parts = [dump(one, deeper) for one in value]
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return f"{opening}\n{deeper}" + f",\n{deeper}".join(parts) + f"\n{indent}{closing}"
