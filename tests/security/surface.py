"""Everything that the platform offers over REST, as its one OpenAPI document has it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from deploy.tools.openapi_documents import document_of
from portal.contract import qualify
from portal.merge import merge, operations
from rapport_local.services import SERVICES

Json = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    id: str
    service: str
    method: str
    path: str
    permission: str
    parameters: tuple[Json, ...]
    content: Json
    is_stream: bool
    """Whether its answer has no end; such ones are asked for in the role `stream`, not of Flask."""

    @property
    def path_names(self) -> tuple[str, ...]:
        """The names of its path's parameters, in order."""
        return tuple(each["name"] for each in self.parameters if each["in"] == "path")

    @property
    def id_names(self) -> tuple[str, ...]:
        """Those of them that are ids of records; others are keys of a tenant's own choice."""
        return tuple(
            each["name"]
            for each in self.parameters
            if each["in"] == "path" and each["schema"].get("format") == "uuid"
        )

    @property
    def is_for_operators(self) -> bool:
        """Whether it takes a token without a tenant."""
        return self.path.startswith(
            ("/v1/identity/tenants", "/v1/identity/signing-keys", "/v1/identity/operators")
        )

    @property
    def media_type(self) -> str | None:
        """The first media type that its body may have; None without a body."""
        return next(iter(self.content), None)

    @property
    def takes_json(self) -> bool:
        """Whether its body is JSON, and not a file of any kind."""
        media = self.media_type or ""
        return "json" in media and "ndjson" not in media

    @property
    def body_schema(self) -> Json:
        """The schema of its JSON body."""
        schema: Json = next(iter(self.content.values()))["schema"]
        return schema


@functools.cache
def document() -> Json:
    """The merged document of all services, as the portal serves it."""
    contracts = [qualify(service.name, document_of(service.name)) for service in SERVICES]
    return merge(contracts, {"title": "Rapport", "version": "0"}, "/")


@functools.cache
def all_operations() -> tuple[Operation, ...]:
    """Every operation of the document that is answered at once; the others are `all_streams`."""
    return tuple(each for each in _everything() if not each.is_stream)


@functools.cache
def all_streams() -> tuple[Operation, ...]:
    """Every stream of the document."""
    return tuple(each for each in _everything() if each.is_stream)


@functools.cache
def _everything() -> tuple[Operation, ...]:
    return tuple(
        Operation(
            id=described["operationId"],
            service=path.split("/")[2],
            method=method.upper(),
            path=path,
            permission=described["x-permission"],
            parameters=tuple(described.get("parameters", ())),
            content=described.get("requestBody", {}).get("content", {}),
            is_stream=described.get("x-stream", False),
        )
        for method, path, described in operations(document())
    )
