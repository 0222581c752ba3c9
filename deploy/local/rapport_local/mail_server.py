"""The mail server of the local platform: takes every mail, and keeps it as a file to look at.

It delivers to the mailboxes of desk alone: what is for one of them is taken once desk has it. Run as `python -m rapport_local.mail_server`. So that a developer can see what becomes of mail that does not arrive, every address
at `refused.example` is refused for good, and every address at `later.example` is put off.
"""

import asyncio
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session

from rapport_local.mail_intake import MailIntake

MAX_MAIL_BYTES = 25 * 1024 * 1024
_MOST_KEPT = 1000
_REPLIES = {
    "refused.example": "550 5.1.1 No such mailbox",
    "later.example": "451 4.2.1 Mailbox is busy, try again later",
}


class MailFolder:
    """A folder of mails, one file each, named by the time of arrival; the oldest make room for new ones."""

    def __init__(self, folder: Path, most: int = _MOST_KEPT) -> None:
        self._folder = folder
        self._most = most
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(self, envelope: Envelope) -> str:
        """Write a mail with its envelope; gives the name of the file, which appears only when it is whole."""
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid4().hex[:8]}"
        head = "".join(
            f"{header}: {' '.join(value.split())}\r\n"
            for header, value in (
                ("X-Envelope-From", envelope.mail_from or ""),
                ("X-Envelope-To", ", ".join(envelope.rcpt_tos)),
            )
        )
        partial, whole = self._folder / f".{name}", self._folder / f"{name}.eml"
        content = envelope.content or b""
        partial.write_bytes(
            head.encode() + (content if isinstance(content, bytes) else content.encode())
        )
        partial.replace(whole)
        self._make_room()
        return name

    def _make_room(self) -> None:
        kept = sorted(self._folder.glob("*.eml"))
        for path in kept[: -self._most]:
            path.unlink(missing_ok=True)


class MailTaker:
    """What the server does with each mail; the method names are aiosmtpd's."""

    def __init__(self, folder: MailFolder, intake: MailIntake | None = None) -> None:
        self._folder = folder
        self._intake = intake

    async def handle_RCPT(  # noqa: N802
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take a recipient, or refuse one of those that are there to be refused."""
        reply = _REPLIES.get(address.rpartition("@")[2].lower(), "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail, and give it to whoever's mailbox it is for."""
        if not await self._delivered(envelope):
            return "451 4.3.0 The mailbox takes nothing at present, try again later"
        return f"250 OK: kept as {self._folder.keep(envelope)}"

    async def _delivered(self, envelope: Envelope) -> bool:
        """Whether nobody needs to send it again."""
        if self._intake is None:
            return True
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        loop = asyncio.get_running_loop()
        sender, recipients = envelope.mail_from or "", list(envelope.rcpt_tos)
        return await loop.run_in_executor(None, self._intake.take, sender, recipients, raw)


async def serve(port: int, folder: MailFolder, intake: MailIntake | None = None) -> None:
    """Listen on 127.0.0.1 until told to stop."""
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)

    def greet() -> SMTP:
        return SMTP(
            MailTaker(folder, intake),
            hostname="localhost",
            data_size_limit=MAX_MAIL_BYTES,
            enable_SMTPUTF8=True,
            loop=loop,
        )

    server = await loop.create_server(greet, "127.0.0.1", port)
    async with server:
        await stopping.wait()


def main() -> None:
    """Serve what the environment says: RAPPORT_SMTP_PORT and RAPPORT_MAIL_FOLDER, and desk's door."""
    url = os.environ.get("RAPPORT_MAIL_INTAKE_URL")
    intake = MailIntake(url, os.environ["RAPPORT_MAIL_INTAKE_SECRET"]) if url else None
    folder = MailFolder(Path(os.environ["RAPPORT_MAIL_FOLDER"]))
    asyncio.run(serve(int(os.environ["RAPPORT_SMTP_PORT"]), folder, intake))


if __name__ == "__main__":
    main()
