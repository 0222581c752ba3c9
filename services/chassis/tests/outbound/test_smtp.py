"""Handing mail to a real SMTP server, and knowing how far it came."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from chassis.outbound.dialer import Dialer
from chassis.outbound.errors import OutboundRefused
from chassis.outbound.smtp import Handover, MailServer, Security, SmtpResult, SmtpTransport
from services.chassis.tests.outbound.certificate import certificate_of

SENDER, RECIPIENT = "shop@example.com", "ming@example.org"


@dataclass
class Postbox:
    """What a server does with mail; the replies can be set."""

    mail: list[Envelope] = field(default_factory=list)
    on_recipient: str = "250 OK"
    on_content: str = "250 OK: queued as 4711"

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.on_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.on_recipient

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        self.mail.append(envelope)
        return self.on_content


@contextmanager
def listening(postbox: object, **options: Any) -> Iterator[int]:
    """A mail server on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(postbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def mail(text: str = "Hello") -> bytes:
    """A mail whose subject and text are Chinese."""
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"], message["To"], message["Subject"] = SENDER, RECIPIENT, "王小明,您好"
    message.set_content(text, cte="8bit")
    return bytes(message)


def send(
    port: int,
    content: bytes | None = None,
    *,
    recipient: str = RECIPIENT,
    security: Security = Security.NONE,
    tls: ssl.SSLContext | None = None,
    password: str = "",
    handing_over: Callable[[], None] = lambda: None,
) -> SmtpResult:
    """Send to the server on this port."""
    transport = SmtpTransport(
        Dialer(["127.0.0.1/32"], lambda _host, _port: ["127.0.0.1"]),
        tls=tls,
        step_seconds=3,
        local_hostname="rapport.test",
    )
    server = MailServer("localhost", port, security, "shop" if password else "", password)
    return transport.send(server, SENDER, recipient, content or mail(), handing_over)


def test_a_mail_arrives_as_it_was_written() -> None:
    postbox, content = Postbox(), mail("一行\r\n.\r\n..兩點\r\nFrom here\r\n")
    with listening(postbox) as port:
        result = send(port, content)

    assert (result.handover, result.code) == (Handover.ACCEPTED, 250)
    assert "4711" in result.text
    [envelope] = postbox.mail
    assert envelope.content == content
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, [RECIPIENT])


def test_what_is_handed_over_is_told_right_before_the_content() -> None:
    postbox, told = Postbox(), []
    with listening(postbox) as port:
        send(port, handing_over=lambda: told.append(len(postbox.mail)))
    assert told == [0]
    assert len(postbox.mail) == 1


def test_nothing_is_sent_when_noting_the_handover_fails() -> None:
    postbox = Postbox()

    def fail() -> None:
        raise RuntimeError("the database is gone")

    with listening(postbox) as port, pytest.raises(RuntimeError):
        send(port, handing_over=fail)
    assert postbox.mail == []


@pytest.mark.parametrize(
    ("reply", "handover"),
    [
        ("550 5.1.1 No such mailbox", Handover.REFUSED),
        ("452 4.2.2 Mailbox full", Handover.DEFERRED),
        ("421 4.3.2 Closing down", Handover.DEFERRED),
    ],
)
def test_a_recipient_that_is_refused_is_told_apart_from_one_to_try_again(
    reply: str, handover: Handover
) -> None:
    told: list[int] = []
    with listening(Postbox(on_recipient=reply)) as port:
        result = send(port, handing_over=lambda: told.append(1))
    assert (result.handover, result.code) == (handover, int(reply[:3]))
    assert result.by_recipient
    assert told == []


@pytest.mark.parametrize(
    ("reply", "handover"),
    [("554 5.7.1 Spam", Handover.REFUSED), ("451 4.3.0 Later", Handover.DEFERRED)],
)
def test_content_that_is_refused_was_not_taken(reply: str, handover: Handover) -> None:
    with listening(Postbox(on_content=reply)) as port:
        result = send(port)
    assert (result.handover, result.text) == (handover, reply[4:])
    assert not result.by_recipient


def test_a_server_that_dies_with_the_content_leaves_it_uncertain() -> None:
    class Dying(Postbox):
        async def handle_DATA(  # noqa: N802
            self, server: SMTP, session: Session, envelope: Envelope
        ) -> str:
            await super().handle_DATA(server, session, envelope)
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            await asyncio.Event().wait()
            raise AssertionError

    postbox = Dying()
    with listening(postbox) as port:
        result = send(port)
    assert result.handover is Handover.UNCERTAIN
    assert len(postbox.mail) == 1


def test_a_server_that_is_not_there_was_handed_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert send(port).handover is Handover.DEFERRED


def test_a_server_inside_is_refused_unless_the_operator_allows_it() -> None:
    transport = SmtpTransport(Dialer())
    with pytest.raises(OutboundRefused):
        transport.send(MailServer("127.0.0.1", 2525), SENDER, RECIPIENT, mail())


def test_without_the_encryption_that_was_asked_for_nothing_is_said() -> None:
    postbox = Postbox()
    with listening(postbox) as port:
        result = send(port, security=Security.STARTTLS)
    assert result.handover is Handover.DEFERRED
    assert "STARTTLS" in result.text
    assert postbox.mail == []


def test_a_mail_goes_encrypted_and_with_the_servers_password(tmp_path: Path) -> None:
    certificate = certificate_of("localhost", tmp_path)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(certificate.chain, certificate.key)
    trusting = ssl.create_default_context(cafile=str(certificate.chain))
    postbox = Postbox()

    def authenticate(_s: Any, _session: Any, _e: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=data.password == b"right", handled=False)

    options = {"tls_context": server_side, "authenticator": authenticate, "auth_required": True}
    with listening(postbox, **options) as port:
        wrong = send(port, security=Security.STARTTLS, tls=trusting, password="wrong")
        untrusted = send(port, security=Security.STARTTLS, password="right")
        right = send(port, security=Security.STARTTLS, tls=trusting, password="right")

    assert (wrong.handover, wrong.code) == (Handover.DEFERRED, 535)
    assert untrusted.handover is Handover.DEFERRED
    assert "certificate" in untrusted.text
    assert right.handover is Handover.ACCEPTED
    assert len(postbox.mail) == 1


def test_an_address_beyond_ascii_needs_a_server_that_takes_it() -> None:
    taking, plain = Postbox(), Postbox()
    with listening(taking, enable_SMTPUTF8=True) as port:
        assert send(port, recipient="小明@example.org").handover is Handover.ACCEPTED
    with listening(plain, enable_SMTPUTF8=False) as port:
        assert send(port, recipient="小明@example.org").handover is Handover.REFUSED
    assert plain.mail == []


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://127.0.0.1:2525", MailServer("127.0.0.1", 2525, Security.NONE)),
        (
            "smtp+starttls://shop%40example.com:p%3A%2Fw@mail.example.com",
            MailServer("mail.example.com", 587, Security.STARTTLS, "shop@example.com", "p:/w"),
        ),
        ("smtps://mail.example.com", MailServer("mail.example.com", 465, Security.TLS)),
    ],
)
def test_a_server_is_named_by_one_address(url: str, server: MailServer) -> None:
    assert MailServer.of_url(url) == server


@pytest.mark.parametrize("url", ["mail.example.com", "http://a:secret@b", "smtp://", "smtp://a/b"])
def test_what_names_no_server_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="smtp") as refused:
        MailServer.of_url(url)
    assert "secret" not in str(refused.value)
