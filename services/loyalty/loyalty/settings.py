"""What loyalty is configured with."""

from __future__ import annotations

from pydantic import Field, SecretStr

from chassis.settings import ServiceSettings


class LoyaltySettings(ServiceSettings):
    """The settings of loyalty."""

    contacts_grpc: str
    """Where contacts answers what is known of people: host and port."""
    sealing_secret: SecretStr = Field(min_length=32)
    """Codes of coupons and gifts are encrypted under this. To change it, list the new one before
    the old one, with a comma between."""
    wrong_codes_per_minute: int = Field(default=60, ge=1)
    """How many unknown codes a client may show a minute in each process before all are refused."""

    @property
    def sealing_secrets(self) -> list[str]:
        """The secrets, the current one first."""
        listed = self.sealing_secret.get_secret_value().split(",")
        return [secret.strip() for secret in listed if secret.strip()]
