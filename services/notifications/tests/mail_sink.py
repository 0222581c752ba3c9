"""A real mail server for tests that keeps and counts what it gets, and can be told to be difficult."""

from __future__ import annotations

import asyncio
import email
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class MailSink:
    """What a server does with mail; the replies can be set.

    Whoever comes to a step while it has a gate gets no answer before that gate is opened.
    """

    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)
    on_recipient: str = "250 OK"
    on_content: str = "250 OK"
    seen_recipient: threading.Event = field(default_factory=threading.Event)
    seen_content: threading.Event = field(default_factory=threading.Event)
    recipient_gate: threading.Event | None = None
    content_gate: threading.Event | None = None

    def gate_at_recipient(self) -> threading.Event:
        """Have whoever names a recipient from now on wait for this."""
        self.seen_recipient.clear()
        self.recipient_gate = threading.Event()
        return self.recipient_gate

    def gate_at_content(self) -> threading.Event:
        """Have whoever has handed over content from now on wait for this."""
        self.seen_content.clear()
        self.content_gate = threading.Event()
        return self.content_gate

    @property
    def url(self) -> str:
        """The server as the platform's settings name it."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def mail(self) -> list[EmailMessage]:
        """What came in, oldest first."""
        return [
            email.message_from_bytes(envelope.content or b"", policy=default)  # type: ignore[arg-type]
            for envelope in self.envelopes
        ]

    def mail_to(self, address: str) -> list[EmailMessage]:
        """What came in for one address."""
        return [
            mail
            for mail, envelope in zip(self.mail, self.envelopes, strict=True)
            if address in envelope.rcpt_tos
        ]

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        """A recipient is named."""
        self.seen_recipient.set()
        await _opened(self.recipient_gate)
        if self.on_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.on_recipient

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """The content has come."""
        if self.on_content.startswith("250"):
            self.envelopes.append(envelope)
        self.seen_content.set()
        await _opened(self.content_gate)
        return self.on_content


async def _opened(gate: threading.Event | None) -> None:
    """Wait for a gate while the server does other things."""
    if gate is not None:
        await asyncio.get_running_loop().run_in_executor(None, gate.wait, 60)


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    """A mail server on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    sink = MailSink(port)
    controller = Controller(sink, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)
    controller.start()
    try:
        yield sink
    finally:
        for gate in (sink.recipient_gate, sink.content_gate):
            if gate is not None:
                gate.set()
        controller.stop()
