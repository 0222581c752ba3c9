"""An app of an organisation: what operators do for one with its own credentials, over the public API."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx

from rapport_operator.errors import OperatorError

_ATTEMPTS = 8
_LONGEST_PAUSE = 10.0
_PATIENCE = 60.0
"""Seconds to wait for an answer."""
_WORTH_ANOTHER_TRY = frozenset({429, 502, 503, 504})

Query = Mapping[str, Any]


class TenantApp:
    """Calls the API; a token that has expired is replaced, and what may work later is tried again.

    A POST has an idempotency key, so it does its work once however often it has to be sent.
    """

    def __init__(
        self, calls: httpx.AsyncClient, client_id: str, secret: str, attempts: int
    ) -> None:
        self._calls = calls
        self._credentials = (client_id, secret)
        self._attempts = attempts
        self._token: str | None = None

    async def ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: bytes | None = None,
        query: Query | None = None,
    ) -> Any:
        """The JSON of the answer. Raises `OperatorError` with what the platform says."""
        headers = {"Idempotency-Key": str(uuid4())} if method == "POST" else {}
        if content is not None:
            headers["Content-Type"] = "application/octet-stream"
        request = self._calls.build_request(
            method, path, params=query, json=json, content=content, headers=headers
        )
        answer = await self._patiently(request)
        if not answer.is_success:
            raise OperatorError(f"{method} {path}: {_reason(answer)}")
        return answer.json()

    async def download(self, path: str) -> AsyncIterator[bytes]:
        """An answer of any length. Raises `OperatorError`."""
        try:
            headers = {"Authorization": f"Bearer {await self._fresh_token()}"}
            async with self._calls.stream("GET", path, headers=headers) as answer:
                if not answer.is_success:
                    await answer.aread()
                    raise OperatorError(f"GET {path}: {_reason(answer)}")
                async for chunk in answer.aiter_bytes():
                    yield chunk
        except httpx.TransportError as error:
            raise OperatorError(f"GET {path} broke off: {error}") from None

    async def _patiently(self, request: httpx.Request) -> httpx.Response:
        for attempt in range(1, self._attempts + 1):
            last = attempt == self._attempts
            try:
                answer = await self._with_token(request)
            except httpx.TransportError as error:
                if last:
                    raise OperatorError(f"{request.url.host} does not answer: {error}") from None
                await asyncio.sleep(_backoff(attempt))
                continue
            pause = _pause(answer, attempt)
            if pause is None or last:
                return answer
            await asyncio.sleep(pause)
        raise AssertionError("the last attempt ends it")

    async def _with_token(self, request: httpx.Request) -> httpx.Response:
        if self._token is None:
            await self._fresh_token()
        answer = await self._send(request)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            await self._fresh_token()
            answer = await self._send(request)
        return answer

    async def _send(self, request: httpx.Request) -> httpx.Response:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return await self._calls.send(request)

    async def _fresh_token(self) -> str:
        form = {"grant_type": "client_credentials"}
        answer = await self._calls.post("/oauth/token", data=form, auth=self._credentials)
        if answer.is_server_error:
            raise httpx.RemoteProtocolError("no token is to be had at present")
        if not answer.is_success:
            raise OperatorError(f"the app gets no token: {_reason(answer)}")
        self._token = str(answer.json()["access_token"])
        return self._token


@asynccontextmanager
async def tenant_app(
    gateway: str, client_id: str, secret: str, *, attempts: int = _ATTEMPTS
) -> AsyncIterator[TenantApp]:
    """The app, for as long as it is needed; what may work later is tried for some twenty seconds."""
    async with httpx.AsyncClient(base_url=gateway.rstrip("/"), timeout=_PATIENCE) as calls:
        yield TenantApp(calls, client_id, secret, attempts)


def _pause(answer: httpx.Response, attempt: int) -> float | None:
    """How long to wait before the next try; None when there is to be none."""
    wait = answer.headers.get("Retry-After", "")
    conflict = answer.status_code == httpx.codes.CONFLICT and wait
    if not conflict and answer.status_code not in _WORTH_ANOTHER_TRY:
        return None
    return min(_LONGEST_PAUSE, float(wait)) if wait.isdigit() else _backoff(attempt)


def _backoff(attempt: int) -> float:
    return float(min(_LONGEST_PAUSE, 0.1 * 2**attempt)) * random.uniform(0.5, 1)  # noqa: S311


def _reason(answer: httpx.Response) -> str:
    """What the platform says is wrong: its problem document, or the error of OAuth."""
    try:
        problem = answer.json()
    except ValueError:
        return f"{answer.status_code} {answer.text[:200]}"
    said = problem.get("detail") or problem.get("error_description") or problem.get("title")
    errors = [f"{one.get('pointer')}: {one.get('message')}" for one in problem.get("errors", ())]
    words = "; ".join([str(said or problem.get("error") or ""), *errors])
    return f"{answer.status_code} {words}"
