"""Creates the streams and consumers that a service needs, or sets right those that there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import BadRequestError, NotFoundError

from chassis.events.broker import BrokerLogin, connected
from chassis.events.names import (
    ACK_WAIT_SECONDS,
    DEAD_STREAM,
    DEAD_SUBJECTS,
    REPLAY_STREAM,
    REPLAY_SUBJECTS,
    consumer_name,
    replay_consumer,
    replay_subject,
    said_by,
    stream_name,
)

_MONTH = 30 * 24 * 3600.0
_DUPLICATE_WINDOW = 300.0
_MAX_ACK_PENDING = 2048
_NAME_IN_USE = 10058


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How much a stream may hold, and on how many servers it is kept."""

    max_bytes: int = 1024**3
    replicas: int = 1


def stream_config(name: str, subjects: Iterable[str], limits: StreamLimits) -> StreamConfig:
    """A stream that keeps facts for 30 days and refuses new ones rather than lose old ones."""
    return StreamConfig(
        name=name,
        subjects=list(subjects),
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_age=_MONTH,
        max_bytes=limits.max_bytes,
        num_replicas=limits.replicas,
        duplicate_window=_DUPLICATE_WINDOW,
        allow_direct=False,
    )


def consumer_config(service: str, producer: str, types: Iterable[str]) -> ConsumerConfig:
    """A consumer that gives up nothing by itself: the service says when to try again or to stop.

    Raises ValueError without types: such a consumer would get everything.
    """
    subjects = sorted(types)
    if not subjects:
        raise ValueError(f"{service} names no type of fact that it takes from {producer}")
    return _consumer_config(consumer_name(service, producer), subjects)


def _consumer_config(durable: str, subjects: list[str]) -> ConsumerConfig:
    return ConsumerConfig(
        durable_name=durable,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT_SECONDS,
        max_deliver=-1,
        max_ack_pending=_MAX_ACK_PENDING,
        filter_subjects=subjects,
    )


def replay_stream_config(limits: StreamLimits) -> StreamConfig:
    """The stream of what services get again: a fact is gone from it once it is settled."""
    config = stream_config(REPLAY_STREAM, [REPLAY_SUBJECTS], limits)
    return config.evolve(retention=RetentionPolicy.WORK_QUEUE)


def replay_consumer_config(service: str) -> ConsumerConfig:
    """The consumer of what a service gets again, of all producers."""
    subjects = replay_subject(service, ">")
    return _consumer_config(replay_consumer(service), [subjects])


async def provision(
    url: str,
    user: str,
    password: str,
    *,
    service: str,
    consumes: Mapping[str, Iterable[str]],
    limits: StreamLimits | None = None,
) -> None:
    """Bring the broker to what `service` needs; may be run again, and by several at once.

    `consumes` names the types of facts by producing service. A producer that is not deployed yet
    gets its stream here, so that services can come in any order; one that there is already is its
    owner's to change. Raises `BrokerUnreachable`, or NatsError when the broker refuses.
    """
    limits = limits or StreamLimits()
    async with connected(BrokerLogin(url, user, password), f"{service}-provision") as broker:
        js = broker.client.jetstream(timeout=10)
        await _settle_stream(js, stream_config(stream_name(service), said_by(service), limits))
        await _settle_stream(js, stream_config(DEAD_STREAM, [DEAD_SUBJECTS], limits))
        await _settle_stream(js, replay_stream_config(limits))
        if consumes:
            await js.add_consumer(REPLAY_STREAM, replay_consumer_config(service))
        for producer, types in consumes.items():
            await _ensure_producer(js, producer, limits)
            await js.add_consumer(stream_name(producer), consumer_config(service, producer, types))


async def _settle_stream(js: JetStreamContext, config: StreamConfig) -> None:
    """Create the stream; if there is another of its name, give it this configuration."""
    try:
        await js.add_stream(config)
    except BadRequestError as error:
        if error.err_code != _NAME_IN_USE:
            raise
        await js.update_stream(config)


async def _ensure_producer(js: JetStreamContext, producer: str, limits: StreamLimits) -> None:
    try:
        await js.stream_info(stream_name(producer))
    except NotFoundError:
        config = stream_config(stream_name(producer), said_by(producer), limits)
        try:
            await js.add_stream(config)
        except NatsError:
            # Its owner, or another consumer, was faster.
            await js.stream_info(stream_name(producer))
