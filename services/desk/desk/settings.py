"""What desk is configured with."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr

from chassis.settings import ServiceSettings


class DeskSettings(ServiceSettings):
    """The settings of desk."""

    contacts_grpc: str
    """Where contacts answers who somebody is: host and port."""
    loyalty_grpc: str
    """Where loyalty answers how a person stands: host and port."""
    attachments: Path
    """The folder that files of conversations are kept in; all of desk's processes share it."""
    sealing_secret: SecretStr = Field(min_length=32)
    """Secrets of mailboxes are encrypted under this, and links and addresses of customers signed. To
    change it, list the new one before the old one, with a comma between."""

    intake_secret: SecretStr | None = Field(default=None, min_length=32)
    """What mail servers show that hand over mail for whatever mailbox it is for; without it, each mailbox has its own alone."""

    agent_view_seconds: float = Field(default=1.0, gt=0, le=5)
    """How long contacts may take to show the customer of a ticket from all sides."""

    @property
    def sealing_secrets(self) -> list[str]:
        """The secrets, the current one first."""
        listed = self.sealing_secret.get_secret_value().split(",")
        return [secret.strip() for secret in listed if secret.strip()]
