"""What notifications is configured with."""

from __future__ import annotations

from pydantic import Field, SecretStr, field_validator

from chassis.outbound.addresses import AllowedAddresses
from chassis.outbound.smtp import MailServer
from chassis.settings import ServiceSettings


class NotificationsSettings(ServiceSettings):
    """The settings of notifications."""

    contacts_grpc: str

    sealing_secret: SecretStr = Field(min_length=32)
    """Credentials of providers and webhooks are encrypted under this. To change it, list the new
    one before the old one, with a comma between."""
    fingerprint_secret: SecretStr = Field(min_length=32)
    """Suppressed addresses are known by hashes under this; changing it forgets them all."""

    mail_smtp_url: SecretStr | None = None
    """The mail server that every tenant may use: `smtp://host:port`, `smtp+starttls://user:password@host`
    or `smtps://…`. Without it only tenants with a mail provider of their own send mail."""
    mail_sender: str = "Rapport <no-reply@localhost>"
    """Whom mail of the platform's own server comes from."""
    outbound_networks: str = ""
    """Networks that tenants' webhooks and providers may lead into although they are not public,
    with commas between: for development, or receivers in a company's own network."""

    webhook_threads: int = Field(default=32, ge=2, le=256)
    """How many deliveries to webhooks a worker makes at the same time."""
    webhook_seconds: float = Field(default=15, gt=0, le=30)
    """How long an endpoint has for its whole answer; well below the lease of a delivery."""
    sending_threads: int = Field(default=4, ge=1, le=64)
    """How many messages a worker sends at the same time."""
    sending_lease_seconds: float = Field(default=90, ge=5, le=3600)
    """How long a message stays with a worker that is not heard of any more."""
    body_kept_days: int = Field(default=30, ge=1, le=3650)
    """How long the words of messages are kept after they were sent."""

    @field_validator("mail_smtp_url")
    @classmethod
    def _is_mail_server(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            MailServer.of_url(given.get_secret_value())
        return given

    @field_validator("outbound_networks")
    @classmethod
    def _are_networks(cls, given: str) -> str:
        AllowedAddresses(_listed(given))
        return given

    @property
    def sealing_secrets(self) -> list[str]:
        """The secrets, the current one first."""
        return _listed(self.sealing_secret.get_secret_value())

    @property
    def allowed_networks(self) -> list[str]:
        """The networks inside that may be called."""
        return _listed(self.outbound_networks)


def _listed(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
