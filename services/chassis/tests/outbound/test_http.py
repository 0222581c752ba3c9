"""Calling addresses outside: what is refused, and what comes of receivers that behave badly."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from chassis.outbound.errors import Failure, OutboundFailed, OutboundRefused
from chassis.outbound.http import OutboundHttp, OutboundRequest, OutboundResponse

LOOPBACK = ["127.0.0.1/32"]
Behaviour = Callable[[socket.socket, threading.Event], None]


@contextmanager
def receiver(behave: Behaviour) -> Iterator[int]:
    """A listening port; each connection is handed to `behave`, with an event that says it is over."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)

        def accept() -> None:
            while not over.is_set():
                try:
                    accepted, _ = listening.accept()
                except TimeoutError:
                    continue
                with accepted:
                    accepted.settimeout(5)
                    try:
                        behave(accepted, over)
                    except OSError:
                        continue

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            thread.join()


def heard(connection: socket.socket) -> bytes:
    """The request, up to the end of its body."""
    text = b""
    while b"\r\n\r\n" not in text:
        text += connection.recv(65536)
    head, _, body = text.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if b"ontent-Length" in line), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(text: bytes) -> Behaviour:
    """A receiver that hears the request and says `text`."""

    def behave(connection: socket.socket, _over: threading.Event) -> None:
        heard(connection)
        connection.sendall(text)

    return behave


def dripping(head: bytes, drop: bytes) -> Behaviour:
    """A receiver that says `drop` again and again, so slowly that no single wait is long."""

    def behave(connection: socket.socket, over: threading.Event) -> None:
        heard(connection)
        connection.sendall(head)
        while not over.wait(0.05):
            connection.sendall(drop)

    return behave


def send(port: int, *, seconds: float = 5, **more: object) -> OutboundResponse:
    """POST something to the port."""
    request = OutboundRequest(
        "POST", f"http://hook.test:{port}/hook?a=1", {"Content-Type": "text/plain"}, b"hello",
        total_seconds=seconds, **more,  # type: ignore[arg-type]
    )  # fmt: skip
    return OutboundHttp(LOOPBACK, resolver=lambda _host, _port: ["127.0.0.1"]).send(request)


def test_the_request_arrives_whole_and_the_answer_comes_back() -> None:
    requests = []

    def behave(connection: socket.socket, _over: threading.Event) -> None:
        requests.append(heard(connection))
        connection.sendall(b"HTTP/1.1 202 Accepted\r\nX-A: b\r\nContent-Length: 2\r\n\r\nok")

    with receiver(behave) as port:
        response = send(port)

    assert (response.status, response.headers["x-a"], response.body) == (202, "b", b"ok")
    assert not response.truncated
    head, _, body = requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hook?a=1 HTTP/1.1\r\n")
    assert f"Host: hook.test:{port}".encode() in head
    assert body == b"hello"


@pytest.mark.parametrize("value", ["Bearer a\r\nX-Evil: 1", "Bearer 王", "a\x00b\n"])
def test_a_header_that_cannot_be_sent_sends_nothing(value: str) -> None:
    """A token that somebody pasted with its line end, say: nobody has got anything."""
    requests: list[bytes] = []

    def behave(connection: socket.socket, _over: threading.Event) -> None:
        requests.append(connection.recv(65536))

    outbound = OutboundHttp(LOOPBACK, resolver=lambda _host, _port: ["127.0.0.1"])
    with receiver(behave) as port:
        request = OutboundRequest("POST", f"http://hook.test:{port}/", {"Authorization": value})
        with pytest.raises(OutboundFailed) as failed:
            outbound.send(request)
    assert (failed.value.failure, failed.value.handed_over) == (Failure.PROTOCOL, False)
    assert requests in ([], [b""])


def test_an_answer_whose_body_comes_after_its_head_is_read_whole() -> None:
    def behave(connection: socket.socket, over: threading.Event) -> None:
        heard(connection)
        for part in (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"do", b"ne"):
            connection.sendall(part)
            over.wait(0.05)

    with receiver(behave) as port:
        assert send(port).body == b"done"


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with receiver(
        answering(
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
        )
    ) as port:
        response = send(port)
    assert (response.status, response.headers["location"]) == (302, "http://127.0.0.1:1/")


def test_of_a_huge_answer_only_the_beginning_is_read() -> None:
    size = 10 * 1024 * 1024
    with receiver(
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)
    ) as port:
        response = send(port, max_response_bytes=4096)
    assert response.status == 200
    assert response.truncated
    assert response.body == b"x" * 4096


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 2", b"0"),
    ],
)
def test_a_receiver_that_drips_gains_no_time_by_it(head: bytes, drop: bytes) -> None:
    with receiver(dripping(head, drop)) as port:
        began = time.monotonic()
        with pytest.raises(OutboundFailed) as failed:
            send(port, seconds=0.4)
    assert time.monotonic() - began < 3
    assert failed.value.failure in (Failure.TIMEOUT, Failure.PROTOCOL)
    assert failed.value.handed_over


def test_a_receiver_that_does_not_read_is_left_in_time() -> None:
    def behave(_connection: socket.socket, over: threading.Event) -> None:
        over.wait(10)

    request_body = b"x" * 50_000_000
    with receiver(behave) as port:
        outbound = OutboundHttp(LOOPBACK)
        request = OutboundRequest(
            "POST", f"http://127.0.0.1:{port}/", {}, request_body, total_seconds=0.4
        )
        with pytest.raises(OutboundFailed) as failed:
            outbound.send(request)
    assert (failed.value.failure, failed.value.handed_over) == (Failure.TIMEOUT, True)


def test_a_connection_that_breaks_after_the_request_may_have_had_its_effect() -> None:
    def behave(connection: socket.socket, _over: threading.Event) -> None:
        heard(connection)

    with receiver(behave) as port, pytest.raises(OutboundFailed) as failed:
        send(port)
    assert failed.value.handed_over


def test_an_answer_given_before_the_request_was_read_counts() -> None:
    def behave(connection: socket.socket, _over: threading.Event) -> None:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass

    with receiver(behave) as port:
        assert send(port).status == 413


def test_what_is_not_http_is_a_failure() -> None:
    not_http = answering(b"SSH-2.0-OpenSSH_9.2\r\n")
    with receiver(not_http) as port, pytest.raises(OutboundFailed) as failed:
        send(port)
    assert failed.value.failure == Failure.PROTOCOL


def test_a_port_that_nobody_listens_on_was_never_handed_anything() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(OutboundFailed) as failed:
        send(port)
    assert (failed.value.failure, failed.value.handed_over) == (Failure.CONNECT, False)


def test_a_name_that_leads_inside_is_refused_when_it_is_entered_and_when_it_is_called() -> None:
    outbound = OutboundHttp(resolver=lambda _host, _port: ["169.254.169.254"])
    with pytest.raises(OutboundRefused) as refused:
        outbound.check("https://metadata.example/")
    assert refused.value.code == "host_not_allowed"
    assert "169.254" not in refused.value.message
    with pytest.raises(OutboundRefused):
        outbound.send(OutboundRequest("GET", "https://metadata.example/"))


def test_one_address_inside_among_public_ones_is_enough_to_refuse() -> None:
    outbound = OutboundHttp(resolver=lambda _host, _port: ["93.184.215.14", "127.0.0.1"])
    with pytest.raises(OutboundRefused):
        outbound.check("https://both.example/")


def test_a_name_that_leads_elsewhere_after_the_check_is_refused_when_it_is_called() -> None:
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    touched = []

    def behave(connection: socket.socket, _over: threading.Event) -> None:
        touched.append(connection.recv(10))

    with receiver(behave) as port:
        outbound = OutboundHttp(resolver=lambda _host, _port: next(answers))
        url = f"https://rebinding.example:{port}/"
        outbound.check(url)
        with pytest.raises(OutboundRefused):
            outbound.send(OutboundRequest("POST", url))
    assert touched == []


def test_a_name_is_resolved_once_and_the_connection_goes_there() -> None:
    asked = []

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    with receiver(answering(b"HTTP/1.1 204 No Content\r\n\r\n")) as port:
        outbound = OutboundHttp(LOOPBACK, resolver=resolver)
        assert outbound.send(OutboundRequest("GET", f"http://once.test:{port}/")).status == 204
    assert asked == ["once.test"]


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]"])
def test_other_ways_to_write_loopback_are_refused(host: str) -> None:
    with pytest.raises(OutboundRefused):
        OutboundHttp().check(f"https://{host}/")


def test_plain_http_is_for_networks_that_the_operator_allows() -> None:
    outbound = OutboundHttp(LOOPBACK, resolver=lambda _host, _port: ["93.184.215.14"])
    with pytest.raises(OutboundRefused) as refused:
        outbound.check("http://example.com/")
    assert refused.value.code == "not_https"


def test_a_resolver_that_hangs_costs_no_more_than_the_deadline() -> None:
    over = threading.Event()

    def resolver(_host: str, _port: int) -> list[str]:
        over.wait(10)
        return ["93.184.215.14"]

    outbound = OutboundHttp(resolver=resolver)
    began = time.monotonic()
    with pytest.raises(OutboundFailed) as failed:
        outbound.send(OutboundRequest("GET", "https://slow.example/", total_seconds=0.3))
    over.set()
    assert (failed.value.failure, failed.value.handed_over) == (Failure.TIMEOUT, False)
    assert time.monotonic() - began < 3


def test_a_receiver_without_a_certificate_that_is_trusted_gets_nothing() -> None:
    got = []

    def behave(connection: socket.socket, _over: threading.Event) -> None:
        got.append(connection.recv(5))
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

    with receiver(behave) as port, pytest.raises(OutboundFailed) as failed:
        OutboundHttp(LOOPBACK).send(OutboundRequest("POST", f"https://127.0.0.1:{port}/"))
    assert (failed.value.failure, failed.value.handed_over) == (Failure.TLS, False)
    assert got
    assert got[0][:1] == b"\x16"  # a handshake, and no HTTP
