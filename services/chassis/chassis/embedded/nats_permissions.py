"""Who may do what on the bus: exactly the subjects that a service's work needs."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.events.names import consumer_name, inbox_prefix, stream_name

PROVISIONER = "provisioner"


@dataclass(frozen=True)
class NatsUser:
    """A login of the NATS server with the subjects it may publish and subscribe to; everything else is refused."""

    name: str
    password: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]

    def as_configuration(self) -> dict[str, object]:
        """The user as the server's configuration file has it."""
        permissions = {
            "publish": {"allow": list(self.publish)},
            "subscribe": {"allow": list(self.subscribe)},
        }
        return {"user": self.name, "password": self.password, "permissions": permissions}


def service_permissions(service: str, password: str, consumes: Sequence[str]) -> NatsUser:
    """A service publishes its own subjects and reads its own consumers of the producers it consumes; no more."""
    publish = [f"rapport.{service}.{kind}.>" for kind in ("events", "requests", "dead")]
    for producer in consumes:
        stream, consumer = stream_name(producer), consumer_name(service, producer)
        publish += [
            f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}",
            f"$JS.ACK.{stream}.{consumer}.>",
        ]
    return NatsUser(service, password, tuple(publish), (f"{inbox_prefix(service)}.>",))


def provisioner_permissions(password: str) -> NatsUser:
    """The one user that manages streams and consumers; it publishes and reads no fact's subject."""
    manages = ("$JS.API.INFO", "$JS.API.STREAM.>", "$JS.API.CONSUMER.>", "$JS.API.DIRECT.GET.>")
    return NatsUser(PROVISIONER, password, manages, (f"{inbox_prefix(PROVISIONER)}.>",))
