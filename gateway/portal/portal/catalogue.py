"""What is known of the services' contracts: fetched again and again, kept while a service is away."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

import orjson

from portal.contract import Json, Qualified, UnfitContract, qualify
from portal.fetching import Fetched, FetchFailed
from portal.merge import ContractClash, merge
from portal.problems import ProblemKind, kinds_of

log = logging.getLogger("portal.catalogue")

_INFO: Json = {
    "title": "Rapport",
    "version": "1",
    "summary": "The API of all services of the platform, as one.",
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}


class Fetch(Protocol):
    """Gets a service's OpenAPI document; raises `FetchFailed`."""

    def __call__(self, base_url: str, known_etag: str | None) -> Fetched | None:
        """None when the document is still the one with the known entity tag."""


class Freshness(StrEnum):
    """How far a service's document can be relied upon."""

    CURRENT = "current"
    STALE = "stale"  # the service did not answer last time; this is what it said before
    MISSING = "missing"  # never seen since the portal started


@dataclass(frozen=True, slots=True)
class Rendered:
    """A JSON document that is ready to be sent."""

    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one service."""

    service: str
    freshness: Freshness = Freshness.MISSING
    contract: Qualified | None = None
    document: Json = field(default_factory=dict)
    source_etag: str | None = None
    seen_at: datetime | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the site shows, as of one moment."""

    services: Mapping[str, Known]
    merged: Rendered | None
    each: Mapping[str, Rendered]
    problems: tuple[ProblemKind, ...]
    clash: str | None
    complete: bool
    """Whether every service has been asked at least once."""


class Catalogue:
    """Keeps the services' documents; `refresh` from one thread, `snapshot` from any."""

    def __init__(
        self,
        services: Mapping[str, str],
        public_url: str,
        fetch: Fetch,
        now: Callable[[], datetime],
    ) -> None:
        self._addresses = dict(services)
        self._public_url = public_url
        self._fetch = fetch
        self._now = now
        self._known = {service: Known(service) for service in services}
        self._snapshot = self._render(complete=False, last_good=None)

    @property
    def snapshot(self) -> Snapshot:
        """What is known now."""
        return self._snapshot

    def refresh(self) -> bool:
        """Ask every service; true when each of them answered with a usable document."""
        known = {service: self._asked(service) for service in self._addresses}
        if known != self._known or not self._snapshot.complete:
            self._known = known
            self._snapshot = self._render(complete=True, last_good=self._snapshot.merged)
        return all(one.freshness is Freshness.CURRENT for one in known.values())

    def _asked(self, service: str) -> Known:
        before = self._known[service]
        try:
            fetched = self._fetch(self._addresses[service], before.source_etag)
            if fetched is None:
                return replace(before, freshness=Freshness.CURRENT, failure=None)
            contract = qualify(service, fetched.document)
            merge([contract], _INFO, self._public_url)
        except (FetchFailed, UnfitContract, ContractClash) as failure:
            return self._missed(before, str(failure))
        except (AttributeError, KeyError, TypeError, RecursionError) as failure:
            return self._missed(before, f"{service}: not an OpenAPI document: {failure!r}")
        return Known(
            service, Freshness.CURRENT, contract, fetched.document, fetched.etag, self._now()
        )

    def _missed(self, before: Known, failure: str) -> Known:
        if before.failure != failure:
            log.warning("no usable document", extra={"of": before.service, "why": failure})
        freshness = Freshness.STALE if before.contract else Freshness.MISSING
        return replace(before, freshness=freshness, source_etag=None, failure=failure)

    def _render(self, *, complete: bool, last_good: Rendered | None) -> Snapshot:
        documents = {name: one.document for name, one in self._known.items() if one.contract}
        clash: str | None = None
        try:
            merged: Rendered | None = rendered(self._merged())
        except ContractClash as error:
            clash, merged = str(error), last_good
            log.error("the services' documents clash", extra={"why": clash})  # noqa: TRY400
        return Snapshot(
            services=dict(self._known),
            merged=merged,
            each={name: self._own(document) for name, document in documents.items()},
            problems=tuple(kinds_of(documents)),
            clash=clash,
            complete=complete,
        )

    def _merged(self) -> Json:
        contracts = [one.contract for one in self._known.values() if one.contract]
        return {
            **merge(contracts, _INFO, self._public_url),
            "x-problems": [_problem(kind) for kind in kinds_of(self._documents())],
            "x-rapport-services": [_state(one) for one in self._known.values()],
        }

    def _documents(self) -> dict[str, Json]:
        return {name: one.document for name, one in self._known.items() if one.contract}

    def _own(self, document: Json) -> Rendered:
        return rendered({**document, "servers": [{"url": self._public_url}]})


class Refresher:
    """Refreshes a catalogue in the background: at once, then often while a service is away."""

    def __init__(
        self, catalogue: Catalogue, seconds: float, seconds_while_away: float = 0.5
    ) -> None:
        self._catalogue = catalogue
        self._seconds = seconds
        self._seconds_while_away = min(seconds, seconds_while_away)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="refresher", daemon=True)

    def start(self) -> None:
        """Begin; the process may end without `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the round that is under way."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                all_there = self._catalogue.refresh()
            except Exception:
                log.exception("a refresh failed")
                all_there = False
            self._stopping.wait(self._seconds if all_there else self._seconds_while_away)


def rendered(document: Json) -> Rendered:
    """A document as it is sent."""
    body = orjson.dumps(document)
    return Rendered(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def _problem(kind: ProblemKind) -> Json:
    return {
        "code": kind.code,
        "status": kind.status,
        "title": kind.title,
        "description": kind.description,
        "services": list(kind.services),
    }


def _state(known: Known) -> Json:
    state: Json = {
        "name": known.service,
        "state": str(known.freshness),
        "version": known.document.get("info", {}).get("version"),
    }
    if known.freshness is Freshness.STALE and known.seen_at is not None:
        state["seen_at"] = known.seen_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return state
