"""The local platform's mail server: what it takes, what it refuses, what it keeps."""

import email
import email.policy
import os
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import Envelope

from chassis.embedded.processes import free_port, port_is_taken
from chassis.testing.waiting import eventually
from rapport_local.mail_server import MailFolder


@dataclass(frozen=True)
class MailServer:
    """A running server."""

    port: int
    folder: Path

    def kept(self) -> list[Path]:
        """The files of what it has taken."""
        return sorted(self.folder.glob("*.eml"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    """The server as the platform runs it."""
    running = MailServer(free_port(), tmp_path_factory.mktemp("mail") / "mail")
    environment = {
        "RAPPORT_SMTP_PORT": str(running.port),
        "RAPPORT_MAIL_FOLDER": str(running.folder),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "rapport_local.mail_server"], env=os.environ | environment
    )
    try:
        eventually(lambda: port_is_taken(running.port))
        yield running
    finally:
        process.terminate()
        assert process.wait(10) == 0


def mail(to: str) -> EmailMessage:
    """A mail in Chinese."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "shop@example.com", to, "您好"
    message.set_content("一封信")
    return message


def test_a_mail_is_kept_as_it_came_with_its_envelope(server: MailServer) -> None:
    with smtplib.SMTP("127.0.0.1", server.port) as smtp:
        smtp.send_message(mail("ming@example.org"), to_addrs=["ming@example.org", "li@example.org"])
    kept = email.message_from_bytes(server.kept()[-1].read_bytes(), policy=email.policy.default)
    assert kept["X-Envelope-To"] == "ming@example.org, li@example.org"
    assert kept["Subject"] == "您好"
    assert kept.get_content() == "一封信\r\n"


@pytest.mark.parametrize(("domain", "code"), [("refused.example", 550), ("later.example", 451)])
def test_some_addresses_are_there_to_be_refused(server: MailServer, domain: str, code: int) -> None:
    before = server.kept()
    address = f"ming@{domain}"
    refusal = pytest.raises(smtplib.SMTPRecipientsRefused)
    with smtplib.SMTP("127.0.0.1", server.port) as smtp, refusal as refused:
        smtp.send_message(mail(address))
    assert refused.value.recipients[address][0] == code
    assert server.kept() == before


def test_the_oldest_mails_make_room_for_new_ones(tmp_path: Path) -> None:
    folder = MailFolder(tmp_path, most=3)
    names = []
    for number in range(5):
        envelope = Envelope()
        envelope.mail_from, envelope.content = (
            "a@example.com",
            f"Subject: {number}\r\n\r\n".encode(),
        )
        names.append(folder.keep(envelope))
    assert sorted(path.stem for path in tmp_path.glob("*.eml")) == names[2:]


def test_an_envelope_cannot_add_headers_of_its_own(tmp_path: Path) -> None:
    envelope = Envelope()
    envelope.mail_from, envelope.content = "a@example.com\r\nX-Forged: 1", b"Subject: x\r\n\r\n"
    name = MailFolder(tmp_path).keep(envelope)
    kept = email.message_from_bytes((tmp_path / f"{name}.eml").read_bytes())
    assert "X-Forged" not in kept
