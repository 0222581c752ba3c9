"""Mail by SMTP, over TLS; with all the headers that a mail server signs by DKIM."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import Field

from chassis.http.body import Body
from chassis.outbound.dialer import Dialer
from chassis.outbound.smtp import Handover, MailServer, Security, SmtpResult, SmtpTransport
from notifications.providers.mail import Sender, is_address, message_id_of, sender_of, write_mail
from notifications.providers.port import (
    Accepted,
    Outcome,
    Outgoing,
    ProviderKind,
    Refused,
    Tools,
    TryLater,
    Unknown,
)


class SmtpSettings(Body):
    """A mail server. `bounces_to` is a mailbox whose mail is given to `POST …/bounces`."""

    host: Annotated[str, Field(min_length=1, max_length=253)]
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Annotated[Security, Field(strict=False)] = Security.STARTTLS
    username: Annotated[str, Field(max_length=320)] = ""
    sender: Annotated[str, Field(min_length=3, max_length=320)]
    reply_to: Annotated[str, Field(max_length=254)] = ""
    bounces_to: Annotated[str, Field(max_length=254)] = ""


class SmtpSecrets(Body):
    """The password."""

    password: Annotated[str, Field(max_length=500)] = ""


class SmtpProvider:
    """Hands mail to a server."""

    def __init__(
        self,
        transport: SmtpTransport,
        server: MailServer,
        sender: Sender,
    ) -> None:
        self._transport = transport
        self._server = server
        self._sender = sender

    def send(self, outgoing: Outgoing, hand_over: Callable[[], None]) -> Outcome:
        """Send one mail; it is handed over once the server has taken sender and recipient."""
        if not is_address(outgoing.address):
            return Refused("that is no e-mail address", bad_address=True)
        mail = write_mail(outgoing, self._sender)
        envelope = self._sender.envelope_for(outgoing)
        result = self._transport.send(self._server, envelope, outgoing.address, mail, hand_over)
        return _outcome(result, message_id_of(outgoing, self._sender.domain))


def _outcome(result: SmtpResult, reference: str) -> Outcome:
    said = f"{result.code} {result.text}".strip()
    match result.handover:
        case Handover.ACCEPTED:
            return Accepted(reference)
        case Handover.REFUSED:
            # 550, 551 and 553 speak of the mailbox; what else is refused at RCPT is policy.
            gone = result.by_recipient and result.code in (550, 551, 553)
            return Refused(said, bad_address=gone)
        case Handover.DEFERRED:
            # A mailbox that is full or greylisted is no failure of the server.
            return TryLater(said, of_message=result.by_recipient)
        case Handover.UNCERTAIN:
            return Unknown(said or "the connection ended after the mail was handed over")


def _make(settings: SmtpSettings, secrets: SmtpSecrets, tools: Tools) -> SmtpProvider:
    server = MailServer(
        settings.host, settings.port, settings.security, settings.username, secrets.password
    )
    named = sender_of(settings.sender)
    sender = Sender(named.address, named.name, settings.reply_to, settings.bounces_to)
    return SmtpProvider(SmtpTransport(tools.dialer), server, sender)


def platform_smtp(url: str, sender: str) -> SmtpProvider:
    """The platform's own server, which may stand anywhere."""
    server = MailServer.of_url(url)
    transport = SmtpTransport(Dialer(("0.0.0.0/0", "::/0")))
    return SmtpProvider(transport, server, sender_of(sender))


_EXAMPLE: Mapping[str, Any] = {
    "host": "mail.example.com",
    "sender": "Example <hello@example.com>",
}
KIND = ProviderKind(
    key="smtp",
    channels=("email",),
    settings=SmtpSettings,
    secrets=SmtpSecrets,
    make=_make,
    example=_EXAMPLE,
)
