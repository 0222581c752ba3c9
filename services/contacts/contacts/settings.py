"""What contacts is configured with."""

from __future__ import annotations

from chassis.settings import ServiceSettings


class ContactsSettings(ServiceSettings):
    """The settings of contacts."""
