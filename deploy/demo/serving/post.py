"""Mail as a customer has it: goes to the platform's mail server, and is looked up where that keeps what it took."""

from __future__ import annotations

import email
import email.policy
import json
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path

from deploy.demo.belonging.membership import once

_DOMAIN = "home.example"


@dataclass(frozen=True, slots=True)
class Post:
    """The mail server of the platform that keeps its state in a folder."""

    state: Path

    @classmethod
    def of(cls, state: Path | None, gateway: str) -> Post | None:
        """That of the platform behind a gateway; None where it has none on this machine."""
        if state is None or not (state / "platform.json").exists():
            return None
        is_here = gateway.rstrip("/").endswith(f":{_ports(state)['gateway']}")
        return cls(state) if is_here else None

    def send(self, mail: EmailMessage) -> None:
        """Hand a mail over. Raises `smtplib.SMTPException` when it is not taken."""
        with smtplib.SMTP("127.0.0.1", _ports(self.state)["mail"], timeout=60) as server:
            server.send_message(mail)

    def to(self, address: str) -> list[EmailMessage]:
        """What the server has taken for an address, the oldest first."""
        paths = sorted((self.state / "mail").glob("*.eml"))
        mails = [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in paths
        ]
        return [mail for mail in mails if address in str(mail["X-Envelope-To"])]


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Somebody with an address, who writes mails and gets some."""

    name: str
    address: str
    post: Post

    def write(self, to: str, subject: str, text: str, **headers: str) -> EmailMessage:
        """Write a mail; `headers` have _ for -. Gives the mail as it went."""
        mail = EmailMessage(policy=email.policy.SMTP)
        mail["From"] = f"{self.name} <{self.address}>"
        mail["To"], mail["Subject"] = to, subject
        mail["Message-ID"] = headers.pop("Message_ID", None) or make_msgid(domain=_DOMAIN)
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        self.post.send(mail)
        return mail

    def answer(self, mail: EmailMessage, text: str, **headers: str) -> EmailMessage:
        """Answer a mail as programs for mail do: to where it says, quoted below, and named."""
        to = str(mail["Reply-To"] or mail["From"])
        before = " ".join(str(mail["References"] or "").split())
        own = " ".join(str(mail["Message-ID"]).split())
        quoted = "\n".join(f"> {line}" for line in words_of(mail).splitlines())
        named = {"In_Reply_To": own, "References": f"{before} {own}".strip()}
        subject = str(mail["Subject"])
        return self.write(to, subject, f"{text}\n\n{quoted}", **{**named, **headers})

    def got(self, fits: Callable[[EmailMessage], bool], what: str) -> EmailMessage:
        """The first mail to the address that fits, once there is one. Raises `TimeoutError`."""
        return once(lambda: [one for one in self.post.to(self.address) if fits(one)], bool, what)[0]


def words_of(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    body = mail.get_body(("plain",))
    return "" if body is None else str(body.get_content())


def _ports(state: Path) -> dict[str, int]:
    ports: dict[str, int] = json.loads((state / "platform.json").read_text(encoding="utf-8"))
    return ports
