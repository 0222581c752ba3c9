"""A service's settings as its chart offers them: all but secrets, and what the chart works out by itself."""

import ast
import importlib
import inspect
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings

WORKED_OUT = frozenset(
    """
    http_port grpc_port drain_seconds public_url jwks_url nats_url nats_user nats_monitor_url otlp_endpoint mail_sender
    services mail_folder
    """.split()
)
"""What follows from other values of the chart, or has no place in a cluster."""
IN_A_CLUSTER = {
    "http_host": "0.0.0.0",  # noqa: S104 - in a pod: its network policies say who gets there
    "grpc_host": "0.0.0.0",  # noqa: S104 - likewise
    "gateway_networks": "10.0.0.0/8,100.64.0.0/10,172.16.0.0/12,192.168.0.0/16,fc00::/7",
}
"""What charts give unless somebody says otherwise, where that is something else than a service takes by itself."""
_KEPT = ("type", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "pattern")


def settings_class(root: Path, service: str) -> type[BaseSettings]:
    """The class of a service's settings; the service need not be installed."""
    for folder in (root / "services" / service, root / "gateway" / service):
        if folder.is_dir() and str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    module = importlib.import_module(f"{service}.settings")
    kinds = [
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, BaseSettings) and kind.__module__ == module.__name__
    ]
    return kinds[0]


def secret_settings(kind: type[BaseSettings], named: list[str]) -> set[str]:
    """The settings whose values are secret: by their type, or since the chart names them so."""
    return {
        name
        for name, field in kind.model_fields.items()
        if "SecretStr" in str(field.annotation) or name.replace("_", "-") in named
    }


def settings_schema(kind: type[BaseSettings], secrets: set[str]) -> dict[str, Any]:
    """What values of `settings` a chart takes, with bounds and explanations."""
    properties = kind.model_json_schema()["properties"]
    explained = explanations(kind)
    offered = {
        name: {
            **({"description": explained[name]} if name in explained else {}),
            **_shape(properties[name]),
        }
        for name in kind.model_fields
        if name not in WORKED_OUT | secrets and not name.endswith("_grpc")
    }
    return {"type": "object", "additionalProperties": False, "properties": offered}


def defaults(kind: type[BaseSettings]) -> dict[str, Any]:
    """What each setting is that nobody gives."""
    fields = kind.model_fields.items()
    own = {name: field.default for name, field in fields if not field.is_required()}
    return own | {name: value for name, value in IN_A_CLUSTER.items() if name in own}


def explanations(kind: type[BaseSettings]) -> dict[str, str]:
    """The text below each setting in the code, on one line."""
    found: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        if one is BaseSettings or not issubclass(one, BaseSettings):
            continue
        (body,) = ast.parse(inspect.getsource(one)).body
        if isinstance(body, ast.ClassDef):
            found |= _texts_below(body.body)
    return found


def _texts_below(body: list[ast.stmt]) -> dict[str, str]:
    found = {}
    for statement, following in pairwise(body):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
        ):
            found[statement.target.id] = " ".join(str(following.value.value).split()).rstrip(".")
    return found


def _shape(schema: dict[str, Any]) -> dict[str, Any]:
    """The bounds of a setting, without what only Python needs to know."""
    kinds = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    chosen = kinds[0] if kinds else schema
    return {key: chosen[key] for key in _KEPT if key in chosen}
