"""A client of the platform's REST API as an external app has one: tokens, retries, pages, jobs.

It stands on nothing but the public API. A write carries an idempotency key, so it may be sent again
whenever the answer got lost; a refusal that says when to come back is obeyed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import uuid4
from weakref import finalize

import httpx

_WORTH_ANOTHER_TRY = frozenset({429, 502, 503, 504})
_LONGEST_PAUSE = 10.0


class Refused(Exception):
    """An answer that is no success; `problem` is the platform's problem document."""

    def __init__(self, method: str, path: str, answer: Answer) -> None:
        problem = answer.json if answer.is_json else {}
        self.status = answer.status
        self.problem: dict[str, Any] = problem if isinstance(problem, dict) else {}
        self.code = str(self.problem.get("code") or self.problem.get("error") or "")
        said = self.problem.get("detail") or self.problem.get("error_description") or answer.text
        errors = "".join(
            f"; {error.get('pointer')}: {error.get('message')}"
            for error in self.problem.get("errors", ())
        )
        super().__init__(f"{method} {path}: {answer.status} {self.code} {str(said)[:500]}{errors}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    response: httpx.Response

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    @property
    def headers(self) -> httpx.Headers:
        """The headers."""
        return self.response.headers

    @property
    def is_json(self) -> bool:
        """Whether the body says that it is JSON."""
        return "json" in self.headers.get("Content-Type", "")

    @property
    def json(self) -> Any:
        """The body as JSON; raises ValueError when it is none."""
        return self.response.json()

    @property
    def text(self) -> str:
        """The body as text."""
        return self.response.text


class TokenSource(Protocol):
    """Where access tokens come from."""

    def token(self) -> str:
        """A token that holds for a while."""
        ...

    def renewed(self, refused: str) -> str | None:
        """Another token in place of one that was refused; None when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class FixedToken:
    """One token, for as long as it holds."""

    value: str

    def token(self) -> str:
        """The token."""
        return self.value

    def renewed(self, refused: str) -> str | None:
        """There is no other."""
        del refused
        return None


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long a request is tried."""

    attempts: int = 6
    seconds: float = 60.0
    pause: Callable[[float], None] = time.sleep


PATIENT = Patience()


class ExternalApp:
    """Calls the API on behalf of whoever the tokens are for."""

    def __init__(
        self,
        gateway: str,
        tokens: TokenSource,
        *,
        patience: Patience = PATIENT,
        timeout: float = 30.0,
    ) -> None:
        self.gateway = gateway.rstrip("/")
        self.tokens = tokens
        self._patience = patience
        self._client = httpx.Client(base_url=self.gateway, timeout=timeout)
        self.close = finalize(self, self._client.close)
        """Closes its connections; happens by itself when nobody uses it any more."""

    def get(self, path: str, **query: Any) -> Any:
        """The JSON at a path. Raises `Refused`."""
        return self.send("GET", path, query=query).json

    def post(self, path: str, json: Any = None, *, key: str | None = None, **options: Any) -> Any:
        """Create or do something, once however often it has to be sent. Raises `Refused`."""
        return self.send("POST", path, json=json, key=key, **options).json

    def put(self, path: str, json: Any = None, **options: Any) -> Any:
        """Replace something. Raises `Refused`."""
        return self.send("PUT", path, json=json, **options).json

    def patch(self, path: str, json: Any, **options: Any) -> Any:
        """Change what is mentioned (RFC 7396). Raises `Refused`."""
        return self.send("PATCH", path, json=json, **options).json

    def delete(self, path: str, **options: Any) -> None:
        """Delete something; that it is gone already is as good. Raises `Refused`."""
        answer = self.ask("DELETE", path, **options)
        if answer.status != 404 and answer.status >= 300:
            raise Refused("DELETE", path, answer)

    def items(self, path: str, *, page_size: int = 200, **query: Any) -> Iterator[dict[str, Any]]:
        """All items of a list, page by page."""
        page_token: str | None = None
        while True:
            more = {} if page_token is None else {"page_token": page_token}
            page = self.get(path, page_size=page_size, **query, **more)
            yield from page["items"]
            page_token = page["next_page_token"]
            if page_token is None:
                return

    def job(
        self, path: str, watch: Callable[[dict[str, Any]], object] = lambda _: None
    ) -> dict[str, Any]:
        """Wait for a job; `watch` sees each state of it, the last one too."""
        while True:
            job: dict[str, Any] = self.get(path)
            watch(job)
            if job["state"] not in ("queued", "running"):
                return job
            self._patience.pause(0.25)

    def stream(self, path: str, **query: Any) -> Iterator[bytes]:
        """The bytes of an answer of any length. Raises `Refused`."""
        headers = {"Authorization": f"Bearer {self.tokens.token()}"}
        with self._client.stream("GET", path, params=query, headers=headers) as response:
            if not response.is_success:
                response.read()
                raise Refused("GET", path, Answer(response))
            yield from response.iter_bytes()

    def send(self, method: str, path: str, **options: Any) -> Answer:
        """The answer to a request. Raises `Refused` unless it is a success."""
        answer = self.ask(method, path, **options)
        if not answer.response.is_success:
            raise Refused(method, path, answer)
        return answer

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> Answer:
        """The answer to a request, whatever it is; asked again where that is worth a try.

        `key` is the idempotency key of a POST; one is made when none is given.
        """
        sent = dict(headers or {})
        if method == "POST":
            sent["Idempotency-Key"] = key or str(uuid4())
        request = self._client.build_request(
            method, path, params=query or None, json=json, content=content, headers=sent
        )
        deadline, attempt = time.monotonic() + self._patience.seconds, 1
        while True:
            outcome = self._once(request)
            pause = _pause_after(outcome, attempt)
            late = pause is not None and time.monotonic() + pause > deadline
            if pause is None or late or attempt >= self._patience.attempts:
                break
            self._patience.pause(pause)
            attempt += 1
        if isinstance(outcome, httpx.TransportError):
            raise outcome
        return outcome

    def _once(self, request: httpx.Request) -> Answer | httpx.TransportError:
        token = self.tokens.token()
        try:
            answer = self._with(request, token)
            if answer.status == 401:
                another = self.tokens.renewed(token)
                answer = answer if another is None else self._with(request, another)
        except httpx.TransportError as error:
            return error
        return answer

    def _with(self, request: httpx.Request, token: str) -> Answer:
        request.headers["Authorization"] = f"Bearer {token}"
        return Answer(self._client.send(request))


def _pause_after(outcome: Answer | httpx.TransportError, attempt: int) -> float | None:
    """How long to wait before the next try; None when there is to be none."""
    backoff: float = min(_LONGEST_PAUSE, 0.1 * 2**attempt) * random.uniform(0.5, 1)  # noqa: S311
    if isinstance(outcome, httpx.TransportError):
        return backoff
    wait = outcome.headers.get("Retry-After", "")
    if outcome.status == 409 and not wait:
        return None  # a conflict that waiting does not settle
    if outcome.status != 409 and outcome.status not in _WORTH_ANOTHER_TRY:
        return None
    return min(_LONGEST_PAUSE, float(wait)) if wait.isdigit() else backoff
