"""Gets OpenAPI documents from services, within bounds of time and size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import orjson

MAX_BYTES = 16 * 1024 * 1024
_TIMEOUT = httpx.Timeout(5, connect=1)


class FetchFailed(Exception):
    """A service gave no document; the message says why."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document as the service gave it."""

    document: Any
    etag: str | None


class HttpxFetch:
    """Fetches `/openapi.json`, directly and never through a proxy of the environment."""

    def __init__(self) -> None:
        self._client = httpx.Client(timeout=_TIMEOUT, trust_env=False, follow_redirects=False)

    def __call__(self, base_url: str, known_etag: str | None) -> Fetched | None:
        """The document, or None when it is still the one that is known; raises `FetchFailed`."""
        url = f"{base_url}/openapi.json"
        headers = {"If-None-Match": known_etag} if known_etag else {}
        try:
            with self._client.stream("GET", url, headers=headers) as response:
                return self._read(url, response, known_etag)
        except httpx.HTTPError as error:
            raise FetchFailed(f"{url}: {type(error).__name__}") from error

    def _read(self, url: str, response: httpx.Response, known_etag: str | None) -> Fetched | None:
        if response.status_code == httpx.codes.NOT_MODIFIED and known_etag:
            return None
        if response.status_code != httpx.codes.OK:
            raise FetchFailed(f"{url}: status {response.status_code}")
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_BYTES:
                raise FetchFailed(f"{url}: more than {MAX_BYTES} bytes")
        try:
            return Fetched(orjson.loads(bytes(body)), response.headers.get("ETag"))
        except orjson.JSONDecodeError as error:
            raise FetchFailed(f"{url}: not JSON") from error
