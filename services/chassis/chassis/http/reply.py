"""What a route answers with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from flask import Response

_JSON = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_NON_STR_KEYS


def dump(value: Any) -> bytes:
    """JSON as the conventions want it: UTC with `Z`, UUIDs and decimals as strings."""
    return orjson.dumps(value, default=str, option=_JSON)


def etag_of(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


@dataclass(slots=True)
class Reply:
    """A response in the making.

    `version` becomes the `ETag`. `secrets` are top-level members that are shown once: the stored
    copy for a repeated idempotency key has them masked.
    """

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    version: int | None = None
    secrets: tuple[str, ...] = ()

    @classmethod
    def created(cls, location: str, body: Any, version: int | None = None) -> Reply:
        """201 with the address of what was created."""
        return cls(body, 201, {"Location": location}, version)

    @classmethod
    def nothing(cls) -> Reply:
        """204."""
        return cls(None, 204)

    @classmethod
    def accepted(cls, location: str, body: Any) -> Reply:
        """202 with the address of the job to watch."""
        return cls(body, 202, {"Location": location})

    def encoded(self, *, masked: bool = False) -> bytes:
        """The body as JSON; with `masked`, without what is shown only once."""
        if self.body is None:
            return b""
        body = self.body
        if masked and self.secrets:
            body = {k: ("********" if k in self.secrets else v) for k, v in body.items()}
        return dump(body)

    def all_headers(self) -> dict[str, str]:
        """The headers, the entity tag included."""
        if self.version is None:
            return self.headers
        return {**self.headers, "ETag": etag_of(self.version)}


@dataclass(slots=True)
class Stream:
    """A response that is made while it is sent: exports, say."""

    chunks: Iterable[bytes]
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200


def response_of(status: int, body: bytes, headers: dict[str, str]) -> Response:
    """A JSON response of bytes that are ready."""
    response = Response(body, status, content_type="application/json" if body else None)
    if not body:
        response.headers.pop("Content-Type", None)
    for name, value in headers.items():
        response.headers[name] = value
    return response
