"""What contacts is configured with."""

from __future__ import annotations

from pydantic import Field

from chassis.settings import ServiceSettings


class ContactsSettings(ServiceSettings):
    """The settings of contacts."""

    import_max_bytes: int = Field(default=1024**3, ge=1)
    """How large an imported file may be."""
    import_kept_days: int = Field(default=30, ge=1, le=3650)
    """How long an import's file and what became of its rows are kept after its last change."""
