"""What identity is configured with."""

from __future__ import annotations

import re

from pydantic import Field, Json, SecretStr, field_validator

from chassis.outbound.smtp import MailServer
from chassis.settings import ServiceSettings

_DIGEST = re.compile(r"[0-9a-f]{64}")


class IdentitySettings(ServiceSettings):
    """The settings of identity."""

    service_clients: Json[dict[str, str]]
    """Each service's name to the SHA-256 of its own credential, in hexadecimal."""
    mail_smtp_url: SecretStr | None = None
    """Where invitations and reset links are handed over: `smtp://host:port`, or
    `smtp+starttls://user:password@host`, or `smtps://…`. Without it no mail is sent."""
    mail_sender: str = "Rapport <no-reply@localhost>"
    """Whom this mail comes from."""

    key_encryption_secret: SecretStr = Field(min_length=32)
    """Private signing keys and the secrets of authenticator apps are encrypted under this. To change
    it, list the new one before the old one, with a comma between, for at least an hour."""
    signing_key_days: int = Field(default=30, ge=1, le=365)
    """How long a signing key signs before the next one does."""

    password_memory_kib: int = Field(default=47_104, ge=1_024, le=4_194_304)
    password_passes: int = Field(default=1, ge=1, le=64)
    """What a password costs with argon2id; stored ones are brought up to it at the next sign-in."""
    password_hashes_at_once: int = Field(default=2, ge=1, le=64)
    """How many passwords are checked at the same time; each takes its memory and one core."""

    @field_validator("mail_smtp_url")
    @classmethod
    def _is_mail_server(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            MailServer.of_url(given.get_secret_value())
        return given

    @field_validator("service_clients")
    @classmethod
    def _are_digests(cls, given: dict[str, str]) -> dict[str, str]:
        for name, digest in given.items():
            if not _DIGEST.fullmatch(digest):
                raise ValueError(f"the digest of {name} is not 64 hexadecimal digits")
        return given

    @property
    def key_encryption_secrets(self) -> list[str]:
        """The secrets, the current one first."""
        listed = self.key_encryption_secret.get_secret_value().split(",")
        return [secret.strip() for secret in listed if secret.strip()]
