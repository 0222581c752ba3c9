"""One OpenAPI document out of those of all services."""

from __future__ import annotations

import re
from collections.abc import Sequence

from portal.contract import METHODS, SHARED_SECTIONS, Json, Qualified

OPENAPI_VERSION = "3.1.1"
_PATH_PARAMETER = re.compile(r"\{[^}]*\}")


class ContractClash(Exception):
    """Two services lay claim to the same thing; the message names both and the thing."""


def merge(contracts: Sequence[Qualified], info: Json, server_url: str) -> Json:
    """The documents as one, in the given order; raises `ContractClash`."""
    merged: Json = {
        "openapi": OPENAPI_VERSION,
        "info": info,
        "servers": [{"url": server_url}],
        "paths": _joined_paths(contracts),
        "components": _joined_components(contracts),
        "tags": [tag for contract in contracts for tag in _tags(contract)],
        "x-tagGroups": [
            {"name": _title(contract), "tags": [tag["name"] for tag in _tags(contract)]}
            for contract in contracts
        ],
    }
    webhooks = _joined(contracts, "webhooks", "the webhook {name}")
    return {**merged, "webhooks": webhooks} if webhooks else merged


def operations(document: Json) -> list[tuple[str, str, Json]]:
    """Every operation of a document as method, path and description, in the document's order."""
    return [
        (method, path, item[method])
        for path, item in document.get("paths", {}).items()
        for method in METHODS
        if method in item
    ]


def _title(contract: Qualified) -> str:
    return str(contract.document.get("info", {}).get("title") or contract.service)


def _tags(contract: Qualified) -> list[Json]:
    declared: dict[str, Json] = {tag["name"]: tag for tag in contract.document.get("tags", [])}
    for _, _, operation in operations(contract.document):
        for name in operation.get("tags", []):
            declared.setdefault(name, {"name": name})
    return list(declared.values())


def _joined_paths(contracts: Sequence[Qualified]) -> Json:
    # /people/{id} and /people/{person_id} are the same path to whoever asks.
    owners: dict[str, tuple[str, str]] = {}
    paths: Json = {}
    for contract in contracts:
        for path, item in contract.document.get("paths", {}).items():
            shape = _PATH_PARAMETER.sub("{}", path)
            if shape in owners:
                owner, theirs = owners[shape]
                raise ContractClash(
                    f"the path {path} of {contract.service} is {theirs} of {owner} already"
                )
            owners[shape] = (contract.service, path)
            paths[path] = item
    _refuse_twin_operations(contracts)
    return paths


def _refuse_twin_operations(contracts: Sequence[Qualified]) -> None:
    owners: dict[str, str] = {}
    for contract in contracts:
        for _, _, operation in operations(contract.document):
            name = operation.get("operationId")
            if name is None:
                continue
            if name in owners:
                raise ContractClash(
                    f"the operation id {name} is declared by {owners[name]} and {contract.service}"
                )
            owners[name] = contract.service


def _joined(contracts: Sequence[Qualified], member: str, what: str) -> Json:
    owners: dict[str, str] = {}
    joined: Json = {}
    for contract in contracts:
        for name, value in contract.document.get(member, {}).items():
            if name in owners:
                raise ContractClash(
                    f"{what.format(name=name)} is declared by {owners[name]} and {contract.service}"
                )
            owners[name] = contract.service
            joined[name] = value
    return joined


def _joined_components(contracts: Sequence[Qualified]) -> Json:
    owners: dict[tuple[str, str], str] = {}
    joined: Json = {}
    for contract in contracts:
        for section, members in contract.document.get("components", {}).items():
            if section.startswith("x-"):
                continue
            target = joined.setdefault(section, {})
            for name, member in members.items():
                owner = owners.setdefault((section, name), contract.service)
                if owner == contract.service:
                    target[name] = member
                    continue
                united = _united(section, target[name], member)
                if united is None:
                    raise ContractClash(
                        f"components/{section}/{name} is declared by {owner} and by "
                        f"{contract.service}, and not alike"
                    )
                target[name] = united
    return joined


def _united(section: str, ours: Json, theirs: Json) -> Json | None:
    """Both as one, where the platform shares them: a security scheme, whose scopes add up."""
    if section not in SHARED_SECTIONS:
        return None
    if _without_scopes(ours) != _without_scopes(theirs):
        return None
    if "flows" not in ours:
        return ours
    flows = {
        kind: {**flow, "scopes": {**flow.get("scopes", {}), **theirs["flows"][kind]["scopes"]}}
        for kind, flow in ours["flows"].items()
    }
    return {**ours, "flows": flows}


def _without_scopes(scheme: Json) -> Json:
    flows = {
        kind: {key: value for key, value in flow.items() if key != "scopes"}
        for kind, flow in scheme.get("flows", {}).items()
    }
    return {**scheme, "flows": flows}
