"""The key by which push services know the tenant (VAPID, RFC 8292)."""

from __future__ import annotations

import base64

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.domain import NotFound
from chassis.storage.unit_of_work import Reading
from notifications.providers.adapters.web_push import WebPushSecrets, private_key
from notifications.providers.making import opened_secrets
from notifications.providers.storage import providers, settings_of
from notifications.push.encryption import point_of
from notifications.secrecy import Secrecy


class PushKeys:
    """Finds the public key of the tenant's first provider of pushed messages."""

    def __init__(self, secrecy: Secrecy) -> None:
        self._sealer = secrecy.sealer

    def public_key(self, reading: Reading) -> str:
        """In base64url, as browsers take it. Raises `NotFound`."""
        columns = providers.c
        row = (
            reading.connection.execute(
                sa.select(providers)
                .where(
                    columns.tenant_id == reading.caller.tenant_id,
                    columns.kind == "web_push",
                    columns.removed_at.is_(None),
                    columns.enabled,
                )
                .order_by(columns.position, columns.id)
                .limit(1)
            )
            .mappings()
            .first()
        )
        tenant_id = reading.caller.tenant_id
        if row is None or tenant_id is None:
            raise NotFound("No provider of the kind web_push is set up.", code="push_not_set_up")
        secrets = opened_secrets(self._sealer, tenant_id, settings_of(row))
        if not isinstance(secrets, WebPushSecrets):
            raise TypeError("a provider of the kind web_push has other secrets")
        return encoded_public_key(private_key(secrets.private_key))


def encoded_public_key(key: ec.EllipticCurvePrivateKey) -> str:
    """The uncompressed point in base64url without padding."""
    return base64.urlsafe_b64encode(point_of(key)).decode().rstrip("=")
