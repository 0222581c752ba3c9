"""Makes a tenant's providers ready to be called, and opens their secrets for it."""

from __future__ import annotations

from uuid import UUID

import orjson

from chassis.context import Caller
from chassis.domain import Invalid
from chassis.http.body import Body
from chassis.sealing import Sealer
from notifications.delivery.choosing import INBOX, Chosen
from notifications.providers.adapters.smtp import SmtpProvider
from notifications.providers.domain import ProviderSettings
from notifications.providers.kinds import provider_kind
from notifications.providers.port import Provider, ProviderKind, Tools


def sealed_secrets(sealer: Sealer, tenant_id: UUID, secrets: Body) -> bytes:
    """Secrets as they are stored."""
    return sealer.seal(secrets.model_dump_json().encode(), _context(tenant_id))


def opened_secrets(sealer: Sealer, tenant_id: UUID, settings: ProviderSettings) -> Body:
    """A provider's secrets. Raises `CannotUnseal`."""
    kind = provider_kind(settings.kind)
    plain = sealer.open(settings.secrets, _context(tenant_id))
    return kind.secrets.model_validate_json(plain)


class ProviderMaker:
    """Knows what providers work with, and the platform's own mail server if there is one."""

    def __init__(
        self, tools: Tools, sealer: Sealer, platform_mail: SmtpProvider | None, inbox: Provider
    ) -> None:
        self._tools = tools
        self._sealer = sealer
        self._platform_mail = platform_mail
        self._inbox = inbox

    @property
    def has_platform_mail(self) -> bool:
        """Whether tenants can send mail without a server of their own."""
        return self._platform_mail is not None

    def __call__(self, caller: Caller, chosen: Chosen) -> Provider:
        """The provider that was chosen."""
        if chosen.kind == INBOX:
            return self._inbox
        if chosen.settings is None:
            if self._platform_mail is None:
                raise RuntimeError("there is no mail server of the platform")
            return self._platform_mail
        if caller.tenant_id is None:
            raise RuntimeError("a provider belongs to a tenant")
        kind = provider_kind(chosen.settings.kind)
        secrets = opened_secrets(self._sealer, caller.tenant_id, chosen.settings)
        return self.make(kind, _settings(kind, chosen.settings), secrets)

    def make(self, kind: ProviderKind, settings: Body, secrets: Body) -> Provider:
        """A provider of a kind. Raises `Invalid` for settings that do not go together."""
        return kind.make(settings, secrets, self._tools)


def _settings(kind: ProviderKind, stored: ProviderSettings) -> Body:
    try:
        return kind.settings.model_validate_json(orjson.dumps(dict(stored.settings)))
    except ValueError as error:
        raise Invalid(f"The settings of {stored.name} do not fit any more: {error}") from error


def _context(tenant_id: UUID) -> str:
    return f"provider:{tenant_id}"
