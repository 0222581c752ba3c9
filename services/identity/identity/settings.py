"""What identity is configured with."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, Json

from chassis.settings import ServiceSettings


class IdentitySettings(ServiceSettings):
    """The settings of identity."""

    service_clients: Json[dict[str, str]] = Field(default_factory=dict)
    """Each service's name to the SHA-256 of its own credential, in hexadecimal."""
    mail_spool: Path | None = None
    """The folder that mail is written to; without it no mail is sent."""
