"""The publisher: what the broker has, what it refuses, and what nobody knows, told apart for each message."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

from chassis.embedded.nats import NatsServer
from chassis.events.broker import BrokerLogin, connected
from chassis.events.provision import provision
from chassis.events.publisher import Outgoing, Publisher, Sent

_SUBJECT = "rapport.shop.events.v1.Sold"


def message(key: int, line: str | None = None, subject: str = _SUBJECT, size: int = 10) -> Outgoing:
    return Outgoing(
        key, line or str(uuid4()), subject, b"x" * size, {"Nats-Msg-Id": f"{key}-{uuid4()}"}
    )


def run(
    broker: NatsServer,
    use: Callable[[Publisher], Awaitable[Sent]],
    patience: float = 5.0,
    provisioned: str = "shop",
    window: Callable[[], int] | None = None,
) -> Sent:
    async def whole() -> Sent:
        await provision(
            broker.url, "provisioner", "provisioner-password", service=provisioned, consumes={}
        )
        async with connected(
            BrokerLogin(broker.url, "shop", "shop-password"), "test"
        ) as connection:
            publisher = Publisher(connection, patience, window)
            await publisher.open()
            return await use(publisher)

    return asyncio.run(whole())


def test_one_message_that_is_refused_stops_its_line_and_no_other(broker: NatsServer) -> None:
    line, other = "one", "other"
    batch = [
        message(1, line),
        message(2, line, "rapport.elsewhere.events.v1.Stray"),
        message(3, line),
        message(4, other),
        message(5, other),
    ]
    sent = run(broker, lambda publisher: publisher.publish(batch))

    assert sorted(sent.published) == [1, 4, 5]
    [failure] = sent.failed
    assert (failure.message.key, failure.passing) == (2, False)
    assert not sent.lost


def test_a_subject_that_is_none_fails_alone(broker: NatsServer) -> None:
    batch = [message(1, subject="rapport.shop.events.a b"), message(2)]
    sent = run(broker, lambda publisher: publisher.publish(batch))

    assert sent.published == [2]
    assert [failure.message.key for failure in sent.failed] == [1]


def test_a_subject_that_no_stream_takes_is_told_at_once_and_may_pass(broker: NatsServer) -> None:
    batch = [message(1)]
    sent = run(broker, lambda publisher: publisher.publish(batch), provisioned="office")

    [failure] = sent.failed
    assert (failure.reason, failure.passing) == ("no stream takes this subject", True)


def test_a_message_of_just_the_largest_size_is_taken_and_one_byte_more_is_not(
    broker: NatsServer,
) -> None:
    frame = len("NATS/1.0\r\n" + "Nats-Msg-Id: 1-" + str(uuid4()) + "\r\n\r\n")
    most = 1024 * 1024 - frame
    batch = [message(1, size=most), message(2, size=most + 1)]
    sent = run(broker, lambda publisher: publisher.publish(batch))

    assert sent.published == [1]
    [failure] = sent.failed
    assert failure.reason == "the message has 1048577 bytes, and the broker takes at most 1048576"


def test_a_broker_that_dies_under_way_leaves_the_rest_unknown(broker: NatsServer) -> None:
    async def kill_in_the_midst() -> None:
        login = BrokerLogin(broker.url, "observer", "observer-password")
        async with connected(login, "test") as connection:
            js = connection.client.jetstream()
            while not (await js.stream_info("RAPPORT_SHOP")).state.messages:
                continue  # each question takes its time
        broker.kill()

    async def use(publisher: Publisher) -> Sent:
        # Those of one line go one by one, so that they take long enough.
        batch = [message(key, "line") for key in range(50_000)]
        sent, _ = await asyncio.gather(publisher.publish(batch), kill_in_the_midst())
        return sent

    sent = run(broker, use)
    assert sent.lost
    assert 0 < len(sent.published) < 50_000
    assert sent.published == list(range(len(sent.published)))
    assert sent.failed == []


def test_no_more_messages_are_under_way_than_the_window_allows_at_that_moment(
    broker: NatsServer,
) -> None:
    seen: list[int] = []

    async def use(publisher: Publisher) -> Sent:
        publishers.append(publisher)
        return await publisher.publish([message(key) for key in range(200)])

    def window() -> int:
        seen.append(publishers[0].under_way)
        return 3 if len(seen) < 100 else 1

    publishers: list[Publisher] = []
    sent = run(broker, use, window=window)

    assert sorted(sent.published) == list(range(200))
    assert max(seen) == 3
    assert max(seen[110:]) == 1


def test_lines_go_on_behind_one_that_the_broker_refuses_though_the_window_is_narrow(
    broker: NatsServer,
) -> None:
    refused = [message(key, subject="rapport.elsewhere.events.v1.Stray") for key in range(3)]
    batch = [*refused, message(7), message(8)]
    sent = run(broker, lambda publisher: publisher.publish(batch), window=lambda: 1)

    assert sorted(sent.published) == [7, 8]
    assert len(sent.failed) == 3


def test_an_empty_batch_is_over_at_once(broker: NatsServer) -> None:
    assert run(broker, lambda publisher: publisher.publish([])) == Sent()
