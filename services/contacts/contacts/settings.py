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

    data_export_kept_days: int = Field(default=7, ge=1, le=90)
    """How long the archive of all that is known of a person can be downloaded."""
    data_export_max_bytes: int = Field(default=2 * 1024**3, ge=1)
    """How large such an archive may be, before it is packed."""

    sales_grpc: str = ""
    """Where sales answers how a customer stands: host and port; empty where it is not deployed."""
    desk_grpc: str = ""
    """Where desk answers what a customer has asked, the same way."""
    loyalty_grpc: str = ""
    """Where loyalty answers what a customer is a member of, the same way."""
    notifications_grpc: str = ""
    """Where notifications answers what was written to a customer, the same way."""
    customer_view_seconds: float = Field(default=1.0, gt=0, le=5)
    """How long the four may take, all together, when a customer is seen from all sides."""
