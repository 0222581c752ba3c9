"""What notifications is configured with."""

from chassis.settings import ServiceSettings


class NotificationsSettings(ServiceSettings):
    """The settings of notifications."""
