"""Writes mail as the rules for bulk senders and receivers want it (RFC 5322, 2369, 8058, 3834)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import parseaddr
from uuid import UUID

from chassis.domain import Invalid
from notifications.mail_threads.domain import MailThread
from notifications.providers.port import Outgoing

_BREAKS = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)
_ENCODED = "=?"
"""How an encoded word begins (RFC 2047). The library decodes one wherever it is given, line ends and all."""
_LONGEST_SUBJECT = 400


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom mail comes from. `bounces_to` gets what cannot be delivered; the sender without one."""

    address: str
    name: str = ""
    reply_to: str = ""
    bounces_to: str = ""

    @property
    def domain(self) -> str:
        """The domain that mail is sent in the name of."""
        return self.address.rpartition("@")[2]

    def envelope_for(self, outgoing: Outgoing) -> str:
        """The return path: it names the message, so that a bounce can be told apart (VERP)."""
        if not self.bounces_to:
            return self.address
        local, _, domain = self.bounces_to.rpartition("@")
        return f"{local}+{outgoing.message_id.hex}@{domain}"


def sender_of(text: str) -> Sender:
    """A sender such as `Shop <hello@shop.example>`. Raises `Invalid`."""
    name, address = parseaddr(text)
    if not is_address(address):
        raise Invalid.at("/from", "not_an_address", f"{text!r} is no sender.")
    return Sender(address, _line(name))


def is_address(text: str) -> bool:
    """Whether it can stand in a mail as an address, and nothing else with it."""
    local, at, domain = text.rpartition("@")
    strange = _BREAKS.search(text) or any(one in text for one in (" ", ",", _ENCODED))
    plain = at and local and not strange
    try:
        ascii_domain = domain.encode("idna").decode() if plain and not domain.isascii() else domain
    except UnicodeError:
        return False
    return bool(plain and _DOMAIN.fullmatch(ascii_domain)) and len(text) <= 254


def message_id_of(outgoing: Outgoing, domain: str) -> str:
    """The Message-ID: the same in every attempt, so that receivers may know a second copy again."""
    return f"<{outgoing.message_id.hex}@{domain}>"


def message_in(text: str) -> UUID | None:
    """The message that a Message-ID or a return path of ours names."""
    found = _OURS.search(text)
    return None if found is None else UUID(found.group(1) or found.group(2))


_OURS = re.compile(r"<([0-9a-f]{32})@|\+([0-9a-f]{32})@", re.IGNORECASE)


def write_mail(outgoing: Outgoing, sender: Sender) -> bytes:
    """The mail, ready to be handed over."""
    # With an address beyond ASCII it is handed over by SMTPUTF8, and its headers are so as well.
    is_ascii = outgoing.address.isascii() and sender.address.isascii()
    mail = EmailMessage(policy=SMTP if is_ascii else SMTPUTF8)
    mail["From"] = _mailbox(sender.name, sender.address)
    mail["To"] = _mailbox(outgoing.name, outgoing.address)
    mail["Subject"] = _line(outgoing.subject)[:_LONGEST_SUBJECT]
    mail["Date"] = outgoing.written_at
    mail["Message-ID"] = message_id_of(outgoing, _ascii(sender.domain))
    thread = outgoing.mail_thread or MailThread()
    reply_to = next((one for one in (thread.reply_to, sender.reply_to) if is_address(one)), "")
    if reply_to:
        mail["Reply-To"] = _mailbox("", reply_to)
    if outgoing.language:
        mail["Content-Language"] = _line(outgoing.language)[:35]
    if outgoing.transactional and thread.auto_submitted != "no":
        mail["Auto-Submitted"] = thread.auto_submitted or "auto-generated"
    if outgoing.unsubscribe_url:
        mail["List-Unsubscribe"] = f"<{_line(outgoing.unsubscribe_url)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    kind = _word(outgoing.purpose) or "transactional"
    mail["Feedback-ID"] = f"{kind}:{outgoing.tenant_id.hex[:12]}:rapport"
    mail.set_content(outgoing.text or " ", cte="quoted-printable")
    if outgoing.html:
        mail.add_alternative(outgoing.html, subtype="html", cte="quoted-printable")
    return _thread_lines(thread) + bytes(mail)


def _thread_lines(thread: MailThread) -> bytes:
    """The headers that name what is answered, a line for each: the library would fold within one."""
    lines = [f"In-Reply-To: {thread.in_reply_to}"] if thread.in_reply_to else []
    if thread.references:
        lines.append("References: " + "\r\n ".join(thread.references))
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _mailbox(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(_line(name), local, domain)


def _line(text: str) -> str:
    """One line, and nothing to decode in it: nobody adds headers by what they are called."""
    return _BREAKS.sub(" ", text).replace(_ENCODED, "= ?").strip()


def _word(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "", text.lower())[:40]


def _ascii(domain: str) -> str:
    return domain if domain.isascii() else domain.encode("idna").decode()
