"""Hands mail to a server by SMTP (RFC 5321), and says exactly how far it came."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from chassis.outbound.dialer import Dialer
from chassis.outbound.errors import OutboundFailed

_BARE_NEWLINE = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"(?m)^\.")
_PERMANENT = 500
_ACCEPTED = 250
_GO_ON = 354
_LONGEST_REPLY = 300


class Security(StrEnum):
    """How the connection to a mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    """Asked for after the greeting; a server that does not offer it gets no mail."""
    TLS = "tls"


_SCHEMES = {
    "smtp": (Security.NONE, 25),
    "smtp+starttls": (Security.STARTTLS, 587),
    "smtps": (Security.TLS, 465),
}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over."""

    host: str
    port: int
    security: Security = Security.STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of_url(cls, url: str) -> MailServer:
        """From `smtp://host:port`, `smtp+starttls://user:password@host` or `smtps://host`.

        User and password are percent-encoded. Raises ValueError that repeats none of it.
        """
        parts = urlsplit(url)
        if parts.scheme not in _SCHEMES or not parts.hostname or parts.path not in ("", "/"):
            known = ", ".join(f"{scheme}://" for scheme in _SCHEMES)
            raise ValueError(f"has to be one of {known} and then [user:password@]host[:port]")
        security, port = _SCHEMES[parts.scheme]
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.hostname, parts.port or port, security, user, password)


class Handover(StrEnum):
    """What became of a mail."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """For good: the same mail will be refused again."""
    DEFERRED = "deferred"
    """Not taken, and another time it may be; nothing was handed over."""
    UNCERTAIN = "uncertain"
    """Handed over without an answer: nobody can tell here whether it was taken."""


@dataclass(frozen=True, slots=True)
class SmtpResult:
    """How a server answered. `code` is its reply code, 0 without one; `text` what it said."""

    handover: Handover
    code: int = 0
    text: str = ""
    by_recipient: bool = False
    """Whether it was the recipient's address that was refused, and not the mail or the sender."""


class SmtpTransport:
    """Sends one mail a call, each over a connection of its own.

    Every step waits `step_seconds` at most. Hosts go through `Dialer`, since tenants name them too;
    an operator's own server inside is reached by a dialer that allows its network.
    """

    def __init__(
        self,
        dialer: Dialer,
        *,
        tls: ssl.SSLContext | None = None,
        step_seconds: float = 20.0,
        local_hostname: str | None = None,
    ) -> None:
        self._dialer = dialer
        self._tls = tls or ssl.create_default_context()
        self._step_seconds = step_seconds
        self._local_hostname = local_hostname

    def send(
        self,
        server: MailServer,
        sender: str,
        recipient: str,
        mail: bytes,
        handing_over: Callable[[], None] = lambda: None,
    ) -> SmtpResult:
        """Hand over a mail; `handing_over` is called right before its content goes out.

        What happened before that call had no effect anywhere; if it raises, nothing is sent and
        the error goes on. Raises `OutboundRefused` for a server that must not be called.
        """
        try:
            smtp = self._connect(server)
        except OutboundFailed as failed:
            return SmtpResult(Handover.DEFERRED, 0, failed.message)
        except (OSError, smtplib.SMTPException) as error:
            return _before_content(error)
        try:
            return self._converse(smtp, server, (sender, recipient), mail, handing_over)
        finally:
            smtp.close()

    def _connect(self, server: MailServer) -> smtplib.SMTP:
        ends_at = time.monotonic() + self._step_seconds
        addresses = self._dialer.look_up(server.host, server.port, ends_at)
        plain = self._dialer.connect(addresses, server.port, ends_at)
        try:
            plain.settimeout(self._step_seconds)
            if server.security is Security.TLS:
                plain = self._tls.wrap_socket(plain, server_hostname=server.host)
            return _SmtpOver(plain, server.host, self._step_seconds, self._local_hostname)
        except BaseException:
            plain.close()
            raise

    def _converse(
        self,
        smtp: smtplib.SMTP,
        server: MailServer,
        envelope: tuple[str, str],
        mail: bytes,
        handing_over: Callable[[], None],
    ) -> SmtpResult:
        try:
            refused = self._prepare(smtp, server, *envelope)
        except (OSError, smtplib.SMTPException) as error:
            return _before_content(error)
        if refused is not None:
            return refused
        handing_over()
        try:
            smtp.send(_content(mail))
            code, text = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            return SmtpResult(Handover.UNCERTAIN, 0, _said(str(error)))
        if code == _ACCEPTED:
            return SmtpResult(Handover.ACCEPTED, code, _said(text))
        return _answered(code, text)

    def _prepare(
        self, smtp: smtplib.SMTP, server: MailServer, sender: str, recipient: str
    ) -> SmtpResult | None:
        smtp.ehlo_or_helo_if_needed()
        if server.security is Security.STARTTLS:
            if not smtp.has_extn("starttls"):
                raise smtplib.SMTPException("The server offers no encryption (STARTTLS).")
            smtp.starttls(context=self._tls)
            smtp.ehlo()
        if server.username:
            smtp.login(server.username, server.password)
        code, text = smtp.mail(sender, _options(smtp, sender, recipient))
        if code != _ACCEPTED:
            return _answered(code, text)
        code, text = smtp.rcpt(recipient)
        if code // 10 != _ACCEPTED // 10:  # 250, or 251: will be forwarded
            return _answered(code, text, by_recipient=True)
        code, text = smtp.docmd("DATA")
        return None if code == _GO_ON else _answered(code, text)


class _SmtpOver(smtplib.SMTP):
    """Speaks over a connection that is there already; `host` is for the certificate."""

    def __init__(
        self, connection: socket.socket, host: str, seconds: float, local_hostname: str | None
    ) -> None:
        self._connection = connection
        super().__init__(host, 1, local_hostname=local_hostname, timeout=seconds)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        del host, port, timeout
        return self._connection


def _options(smtp: smtplib.SMTP, sender: str, recipient: str) -> list[str]:
    international = not (sender.isascii() and recipient.isascii())
    if international and not smtp.has_extn("smtputf8"):
        raise smtplib.SMTPNotSupportedError("The server takes no addresses beyond ASCII.")
    options = ["SMTPUTF8"] if international else []
    return [*options, "BODY=8BITMIME"] if smtp.has_extn("8bitmime") else options


def _content(mail: bytes) -> bytes:
    """The mail as it goes over the wire: lines end in CRLF, a dot alone on its line ends it all."""
    lines = _BARE_NEWLINE.sub(b"\r\n", mail)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return _LEADING_DOT.sub(b"..", lines) + b".\r\n"


def _before_content(error: Exception) -> SmtpResult:
    """Nothing was handed over; whether trying again helps depends on what the server said."""
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return SmtpResult(Handover.REFUSED, 0, _said(str(error)))
    if isinstance(error, smtplib.SMTPAuthenticationError):  # the server's account, not the mail
        return SmtpResult(Handover.DEFERRED, error.smtp_code, _said(error.smtp_error))
    if isinstance(error, smtplib.SMTPResponseException):
        return _answered(error.smtp_code, error.smtp_error)
    return SmtpResult(Handover.DEFERRED, 0, _said(str(error) or type(error).__name__))


def _answered(code: int, text: bytes | str, *, by_recipient: bool = False) -> SmtpResult:
    # 421 and -1 stand for a connection that the server has ended.
    handover = Handover.REFUSED if code >= _PERMANENT else Handover.DEFERRED
    return SmtpResult(handover, max(code, 0), _said(text), by_recipient)


def _said(text: bytes | str) -> str:
    readable = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(readable.split())[:_LONGEST_REPLY]
