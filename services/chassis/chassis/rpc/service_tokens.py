"""The service's own access tokens, one a tenant, from identity."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import httpx

from chassis.domain import Unavailable
from chassis.storage.database import forbid_network_in_transaction

if TYPE_CHECKING:
    from chassis.settings import ServiceSettings

log = logging.getLogger("chassis.rpc")

_CACHED = 10_000
_REFRESH_AT = 0.75
"""The part of its life after which a token is replaced, while it still serves."""
_MARGIN = 5.0
"""Seconds before its end from which on a token is not used any more: it has to arrive, too."""
_REST = 0.5
"""Seconds for which a failure is told to all who ask, before identity is asked again."""


@dataclass(slots=True)
class _Kept:
    token: str = ""
    refresh_at: float = float("-inf")
    ends_at: float = float("-inf")
    failed_at: float = float("-inf")


class _Entry:
    """A tenant's token, and the lock that lets one thread at a time ask for it."""

    __slots__ = ("asking", "kept")

    def __init__(self) -> None:
        self.asking = threading.Lock()
        self.kept = _Kept()


class ServiceTokens:
    """Gets tokens with the service's client credential and keeps them as long as they are good."""

    def __init__(
        self,
        url: str,
        service: str,
        secret: str,
        *,
        timeout: float = 2.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._credential = httpx.BasicAuth(service, secret)
        self._timeout = timeout
        self._monotonic = monotonic
        self._entries: OrderedDict[UUID, _Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None

    @classmethod
    def of(cls, settings: ServiceSettings, service: str) -> ServiceTokens:
        """Tokens from the identity that also publishes the keys: no way round by the gateway."""
        url = str(httpx.URL(settings.jwks_url).join("/oauth/token"))
        return cls(url, service, settings.service_client_secret.get_secret_value())

    def token(self, tenant_id: UUID) -> str:
        """A token that is good for a while yet. Raises `Unavailable` when none can be had.

        An old one goes on serving while its successor is asked for, and when identity is away.
        """
        forbid_network_in_transaction("a request for a service token")
        entry = self._entry(tenant_id)
        kept, now = entry.kept, self._monotonic()
        if now < kept.refresh_at:
            return kept.token
        usable = now < kept.ends_at
        if not entry.asking.acquire(timeout=0 if usable else self._timeout):
            return self._kept_or_raise(entry)
        try:
            if self._monotonic() >= entry.kept.refresh_at:
                self._renew(entry, tenant_id)
        finally:
            entry.asking.release()
        return self._kept_or_raise(entry)

    def forget(self, tenant_id: UUID) -> None:
        """Drop the tenant's token."""
        with self._lock:
            self._entries.pop(tenant_id, None)

    def close(self) -> None:
        """Close the connections to identity."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _entry(self, tenant_id: UUID) -> _Entry:
        with self._lock:
            entry = self._entries.get(tenant_id)
            if entry is None:
                entry = self._entries[tenant_id] = _Entry()
                if len(self._entries) > _CACHED:
                    self._entries.popitem(last=False)
            else:
                self._entries.move_to_end(tenant_id)
            return entry

    def _kept_or_raise(self, entry: _Entry) -> str:
        if self._monotonic() < entry.kept.ends_at:
            return entry.kept.token
        raise Unavailable(
            "A token for asking other services cannot be had now.", code="service_token_unavailable"
        )

    def _renew(self, entry: _Entry, tenant_id: UUID) -> None:
        """Ask identity; after a failure what was kept stays, and nobody asks for a moment."""
        now = self._monotonic()
        if now - entry.kept.failed_at < _REST:
            return
        try:
            token, seconds = self._asked(tenant_id)
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("no service token", extra={"reason": _reason(error)})
            entry.kept.failed_at = self._monotonic()
            return
        entry.kept = _Kept(token, now + seconds * _REFRESH_AT, now + seconds - _MARGIN)

    def _asked(self, tenant_id: UUID) -> tuple[str, float]:
        form = {"grant_type": "client_credentials", "tenant": str(tenant_id)}
        response = self._http().post(self._url, data=form).raise_for_status()
        answer = response.json()
        return str(answer["access_token"]), float(answer["expires_in"])

    def _http(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                self._client = httpx.Client(
                    auth=self._credential, timeout=self._timeout, trust_env=False
                )
            return self._client


def _reason(error: Exception) -> str:
    """What went wrong; of a refusal its status and OAuth's own word for it."""
    if not isinstance(error, httpx.HTTPStatusError):
        return type(error).__name__
    try:
        word = error.response.json()["error"]
    except (ValueError, KeyError, TypeError):
        word = "no reason given"
    return f"{error.response.status_code} {word}"
