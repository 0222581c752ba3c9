"""A stand-in for fetching over the network."""

from __future__ import annotations

from typing import Any

from portal.fetching import Fetched, FetchFailed


class FakeFetch:
    """Gives what `answers` holds for an address; without an answer, the service is away."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {f"http://{name}": answer for name, answer in answers.items()}
        self.asked_with: list[tuple[str, str | None]] = []
        self.etags: dict[str, str] = {}

    def __call__(self, base_url: str, known_etag: str | None) -> Fetched | None:
        """The answer, or None if the caller knows it already."""
        self.asked_with.append((base_url, known_etag))
        if base_url not in self.answers:
            raise FetchFailed(f"{base_url}/openapi.json: ConnectError")
        etag = self.etags.get(base_url)
        if etag is not None and etag == known_etag:
            return None
        return Fetched(self.answers[base_url], etag)
