"""A client that writes as a client should: one key a write, tried again until the answer is known."""

from __future__ import annotations

import random
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from deploy.demo.external_app import Refused, TokenSource
from tests.reliability.ledger import Attempt, Outcome, Reading, Write

_PASSING = frozenset({429, 502, 503, 504})
_IN_USE = "idempotency_key_in_use"
_LONGEST_PAUSE = 2.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent."""

    method: str
    path: str
    json: dict[str, Any] | None = None
    key: str | None = None
    """The idempotency key, which a POST has."""
    mail: bytes | None = None
    """A mail, which is handed over as a mail server does: with a secret, and neither token nor key."""
    secret: str = ""


class Client:
    """Sends requests through the gateway with an app's tokens.

    A patient one tries again until it knows, up to `patience` seconds; one without patience takes
    the first answer for the last, so that what became of its write may stay unknown.
    """

    def __init__(
        self, gateway: str, tokens: TokenSource, rng: random.Random, timeout: float
    ) -> None:
        self._tokens = tokens
        self._rng = rng
        self._http = httpx.Client(base_url=gateway, timeout=timeout)
        self._stop = threading.Event()

    def give_up(self) -> None:
        """Try nothing again from now on."""
        self._stop.set()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def write(self, write: Write, request: Request, *, patience: float) -> httpx.Response | None:
        """Send a write until its outcome is known, and note that; gives the last answer."""
        deadline = time.monotonic() + patience
        while True:
            answer = self._attempt(write, request)
            pause = _pause_after(answer, len(write.attempts), self._rng)
            if pause is None:
                break
            late = time.monotonic() + pause > deadline
            if late or self._stop.wait(pause):
                return answer
        assert answer is not None
        write.outcome = Outcome.ACCEPTED if answer.is_success else Outcome.REFUSED
        return answer

    def read(self, service: str, path: str) -> Reading:
        """Send a read once."""
        began = time.monotonic()
        try:
            answered = str(self._send(Request("GET", path)).status_code)
        except (httpx.HTTPError, Refused) as error:
            answered = f"{type(error).__name__}: {error}"
        return Reading(service, began, time.monotonic(), answered)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON at a path, for looking at the end; raises httpx.HTTPError."""
        answer = self._http.get(path, params=query, headers=self._headers(None))
        return answer.raise_for_status().json()

    def _attempt(self, write: Write, request: Request) -> httpx.Response | None:
        began = time.monotonic()
        answer: httpx.Response | None = None
        with suppress(httpx.HTTPError, Refused):
            answer = self._send(request)
        status = None if answer is None else answer.status_code
        replayed = answer is not None and "Idempotency-Replayed" in answer.headers
        said = "" if answer is None or answer.is_success else answer.text[:300]
        write.attempts.append(
            Attempt(began, time.monotonic(), status, replayed=replayed, said=said)
        )
        return answer

    def _send(self, request: Request) -> httpx.Response:
        if request.mail is not None:
            kind = {"Authorization": f"Bearer {request.secret}", "Content-Type": "message/rfc822"}
            return self._http.post(request.path, content=request.mail, headers=kind)
        headers = self._headers(request.key)
        return self._http.request(request.method, request.path, json=request.json, headers=headers)

    def _headers(self, key: str | None) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self._tokens.token()}"}
        return headers if key is None else {**headers, "Idempotency-Key": key}


def _pause_after(answer: httpx.Response | None, attempts: int, rng: random.Random) -> float | None:
    """Seconds until the next try; None when the answer is one to be believed."""
    if answer is not None and not _is_passing(answer):
        return None
    growing = min(_LONGEST_PAUSE, 0.1 * 2.0 ** min(attempts, 10)) * rng.uniform(0.5, 1.0)
    asked = "" if answer is None else answer.headers.get("Retry-After", "")
    return max(growing, float(asked)) if asked.isdecimal() else growing


def _is_passing(answer: httpx.Response) -> bool:
    """Whether this says nothing yet: for now, or because the same request is still under way.

    What is no problem document is no answer of the platform but the gateway's own: 404 in plain text
    for a moment after its start, until it has read its routes, and 500 when a service that dies
    breaks off in the middle of an answer.
    """
    if answer.status_code in _PASSING:
        return True
    if answer.is_error and "problem+json" not in answer.headers.get("Content-Type", ""):
        return True
    return answer.status_code == 409 and answer.json().get("code") == _IN_USE
