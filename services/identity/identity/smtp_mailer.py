"""Sends identity's own mail by SMTP, straight to the operator's server: it carries links that let people in."""

from __future__ import annotations

import heapq
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid, parseaddr

from chassis.domain import Clock
from chassis.outbound.dialer import Dialer
from chassis.outbound.smtp import Handover, MailServer, SmtpResult, SmtpTransport
from identity.mail import Mail

log = logging.getLogger("identity.mail")

_EVERYWHERE = ("0.0.0.0/0", "::/0")
_MOST_WAITING = 1000
_PAUSES = (1.0, 10.0, 60.0, 300.0)
"""Seconds between the attempts at one mail; the links in it live for an hour at least."""

Send = Callable[[str, bytes], SmtpResult]


@dataclass(order=True)
class _Waiting:
    due: float
    recipient: str = field(compare=False)
    content: bytes = field(compare=False, repr=False)
    attempts: int = field(default=0, compare=False)


class SmtpMailer:
    """Takes mail from requests and sends it from a thread of its own.

    The links in it are never stored, so a mail that waits here is lost with the process; whoever
    misses it asks again. A mail that may have arrived is not sent a second time.
    """

    def __init__(
        self, send: Send, sender: str, clock: Clock, pauses: Sequence[float] = _PAUSES
    ) -> None:
        self._send = send
        self._sender = sender
        self._clock = clock
        self._pauses = pauses
        self._new: queue.Queue[_Waiting | None] = queue.Queue(_MOST_WAITING)
        self._later: list[_Waiting] = []
        self._thread: threading.Thread | None = None

    @classmethod
    def to(cls, server: MailServer, sender: str, clock: Clock) -> SmtpMailer:
        """Hand mail to this server, wherever it is: the operator has named it."""
        transport = SmtpTransport(Dialer(_EVERYWHERE))
        _, address = parseaddr(sender)
        return cls(
            lambda recipient, mail: transport.send(server, address, recipient, mail), sender, clock
        )

    def send(self, mail: Mail) -> None:
        """Take it and return at once; when too much is waiting it is dropped, and logged."""
        try:
            self._new.put_nowait(_Waiting(time.monotonic(), mail.to, self._written(mail)))
        except queue.Full:
            log.warning("mail was dropped: too much of it is waiting")

    def deliver(self, mail: Mail) -> bool:
        """Hand it over now; false when the server is away, or asks to be asked later."""
        try:
            result = self._send(mail.to, self._written(mail))
        except Exception:
            log.exception("mail was not sent")
            return False
        if result.handover is Handover.ACCEPTED:
            return True
        how = {"reason": f"{result.code} {result.text}", "handover": result.handover.value}
        log.warning("mail was not sent", extra=how)
        return result.handover is not Handover.DEFERRED

    def start(self) -> None:
        """Begin to send; a second time is nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="mail", daemon=True)
            self._thread.start()

    def stop(self, timeout: float) -> None:
        """Try once more what is waiting, as far as the time reaches."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._new.put(None)
            thread.join(timeout)

    def is_healthy(self) -> bool:
        """Whether mail is taken; a server that is away keeps nobody from signing in."""
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        while (waiting := self._next()) is not None:
            self._attempt(waiting)
        for waiting in self._later:
            self._attempt(waiting, last=True)

    def _next(self) -> _Waiting | None:
        if not self._later:
            return self._new.get()
        try:
            return self._new.get(timeout=max(0.0, self._later[0].due - time.monotonic()))
        except queue.Empty:
            return heapq.heappop(self._later)

    def _attempt(self, waiting: _Waiting, *, last: bool = False) -> None:
        try:
            result = self._send(waiting.recipient, waiting.content)
        except Exception:
            log.exception("mail was not sent")
            return
        if result.handover is Handover.ACCEPTED:
            return
        how = {"reason": f"{result.code} {result.text}", "handover": result.handover.value}
        if last or result.handover is not Handover.DEFERRED or self._is_given_up(waiting):
            log.error("mail was not sent", extra=how)
            return
        log.warning("mail waits", extra=how)
        waiting.due = time.monotonic() + self._pauses[waiting.attempts]
        waiting.attempts += 1
        heapq.heappush(self._later, waiting)

    def _is_given_up(self, waiting: _Waiting) -> bool:
        return waiting.attempts >= len(self._pauses)

    def _written(self, mail: Mail) -> bytes:
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"] = self._sender, _undecoded(mail.to)
        message["Subject"] = _undecoded(mail.subject)
        message["Date"] = self._clock.now()
        _, address = parseaddr(self._sender)
        message["Message-ID"] = make_msgid(domain=address.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return bytes(message)


def _undecoded(text: str) -> str:
    """The text without beginnings of encoded words (RFC 2047), such as an organisation may be named by.

    The library decodes them wherever they are given, and writes the line ends that come out.
    """
    return text.replace("=?", "= ?")
