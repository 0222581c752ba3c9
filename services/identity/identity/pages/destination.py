"""Where a user goes on after signing in, and for which organisation and app that is."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from chassis.domain import Clock
from chassis.storage.database import Database
from identity.oauth.clients import ClientDirectory, OAuthClient
from identity.oauth.devices import place_of_code, tenant_of, tidied_code

ACCOUNT = "/p/identity/account"
AUTHORIZE = "/oauth/authorize"
DEVICE_CONFIRM = "/p/identity/device/confirm"
_FACTORS = "/p/identity/account/second-factor"
_ALLOWED = (AUTHORIZE, DEVICE_CONFIRM, ACCOUNT, _FACTORS)
_LONGEST = 6_000


@dataclass(frozen=True, slots=True)
class Destination:
    """A page of ours to go on to. `returns_to` is the origin that the app wants users back at."""

    path: str
    tenant_id: UUID | None = None
    client: OAuthClient | None = None
    returns_to: str | None = None
    hint: str = ""
    languages: str = ""


class Destinations:
    """Reads the parameter `continue`: only pages of our own count, whatever it says."""

    def __init__(self, clients: ClientDirectory, database: Database, clock: Clock) -> None:
        self._clients = clients
        self._database = database
        self._clock = clock

    def of(self, path: str | None) -> Destination:
        """The destination; the account's page when there is none that is allowed."""
        if path is None or not _is_own(path):
            return Destination(ACCOUNT)
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == AUTHORIZE:
            return self._authorize(path, query)
        if parts.path == DEVICE_CONFIRM:
            code = tidied_code(query.get("user_code", ""))
            return Destination(path, tenant_of(place_of_code(self._database, code, self._clock)))
        return Destination(path)

    def _authorize(self, path: str, query: dict[str, str]) -> Destination:
        client = self._clients.find(query.get("client_id", ""))
        if client is None:
            return Destination(ACCOUNT)
        uri = query.get("redirect_uri") or client.get_default_redirect_uri() or ""
        return Destination(
            path,
            client.tenant_id,
            client,
            origin(uri) if client.check_redirect_uri(uri) else None,
            query.get("login_hint", "")[:254],
            query.get("ui_locales", "")[:100],
        )


def origin(uri: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def _is_own(path: str) -> bool:
    if len(path) > _LONGEST or not path.isascii() or not path.isprintable() or "\\" in path:
        return False
    return path.split("?", maxsplit=1)[0] in _ALLOWED
