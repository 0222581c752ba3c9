"""What sales is configured with."""

from chassis.settings import ServiceSettings


class SalesSettings(ServiceSettings):
    """The settings of sales."""

    contacts_grpc: str
