"""Takes what providers tell later, once their signature shows that it is them."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from flask import Response, request

from chassis.context import service_caller
from chassis.domain import Forbidden, NotFound
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from notifications.providers.kinds import provider_kind
from notifications.providers.making import opened_secrets
from notifications.providers.port import Callback, NotTheProvider
from notifications.providers.queries import provider_settings
from notifications.providers.reports import note_reports
from notifications.secrecy import Secrecy
from notifications.transaction import NotificationsTx


def _body() -> bytes:
    """The body; a form was read before, and is written as it came."""
    form = list(request.form.items(multi=True))
    return urlencode(form).encode() if form else request.get_data()


class Callbacks:
    """Where providers report; the address names tenant and provider, the signature proves both."""

    def __init__(
        self, operations: Operations[NotificationsTx], secrecy: Secrecy, public_url: str
    ) -> None:
        self._operations = operations
        self._secrecy = secrecy
        self._public_url = public_url.rstrip("/")

    def report(self, tenant_id: UUID, provider_id: UUID) -> Response:
        """Note what is told. 204 also for messages that are not known: nothing helps them."""
        caller = service_caller("notifications", tenant_id)
        settings = self._operations.read(caller, EVERYTHING, provider_settings, provider_id)
        kind = provider_kind(settings.kind)
        if kind.read_callback is None:
            raise NotFound.of("provider with callbacks", provider_id)
        secrets = opened_secrets(self._secrecy.sealer, tenant_id, settings).model_dump()
        callback = Callback(
            self._public_url + request.full_path.removesuffix("?"),
            {name.lower(): value for name, value in request.headers.items()},
            _body(),
        )
        try:
            reports = kind.read_callback(settings.settings, secrets, callback)
        except NotTheProvider as wrong:
            raise Forbidden(f"The signature {wrong} is missing or wrong.") from None
        if reports:
            self._operations.run(caller, note_reports, provider_id, settings.channel, reports)
        return Response(status=204)
