"""Who may do what on the bus: exactly the subjects that a service's work needs."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.events.names import (
    DEAD_STREAM,
    REPLAY_STREAM,
    REPLAY_SUBJECTS,
    consumer_name,
    inbox_prefix,
    replay_consumer,
    stream_name,
)

PROVISIONER = "provisioner"
OPERATOR = "operator"


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
    consumers = [(stream_name(producer), consumer_name(service, producer)) for producer in consumes]
    if consumers:
        consumers.append((REPLAY_STREAM, replay_consumer(service)))
    for stream, consumer in consumers:
        publish += [
            f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}",
            f"$JS.ACK.{stream}.{consumer}.>",
        ]
    return NatsUser(service, password, tuple(publish), (f"{inbox_prefix(service)}.>",))


def provisioner_permissions(password: str) -> NatsUser:
    """The one user that manages streams and consumers; it publishes and reads no fact's subject."""
    manages = ("$JS.API.INFO", "$JS.API.STREAM.>", "$JS.API.CONSUMER.>", "$JS.API.DIRECT.GET.>")
    return NatsUser(PROVISIONER, password, manages, (f"{inbox_prefix(PROVISIONER)}.>",))


def operator_permissions(password: str) -> NatsUser:
    """Who looks after a deployment: sees all, has services do facts again, and drops dead letters.

    It publishes on no subject that any service takes for another's word, and changes no stream.
    """
    sees = [
        f"$JS.API.{question}"
        for question in (
            "INFO",
            "STREAM.NAMES",
            "STREAM.LIST",
            "STREAM.INFO.*",
            "STREAM.MSG.GET.*",
            "CONSUMER.LIST.*",
            "CONSUMER.INFO.*.*",
        )
    ]
    does = (REPLAY_SUBJECTS, f"$JS.API.STREAM.MSG.DELETE.{DEAD_STREAM}")
    return NatsUser(OPERATOR, password, (*sees, *does), (f"{inbox_prefix(OPERATOR)}.>",))
