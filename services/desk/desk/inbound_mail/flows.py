"""Takes mail in: reads it, keeps its files, and has it land; nothing is answered before the commit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from uuid import UUID

from chassis.context import service_caller
from chassis.domain import Category, Conflict, DomainError, IdFactory, Invalid, NotFound
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from desk.attachments.domain import LARGEST as LARGEST_FILE
from desk.attachments.domain import clean_name
from desk.attachments.files import FileStore
from desk.attachments.kinds import kind_of
from desk.attachments.operations import KeptFile
from desk.inbound_mail.domain import InboundMail, Outcome, key_of
from desk.inbound_mail.operations import Arrived, take_in
from desk.inbound_mail.storage import known_mail
from desk.mail_reading.domain import MailFile, ParsedMail
from desk.mail_reading.reading import read_mail, read_name
from desk.mailboxes.domain import Mailbox
from desk.mailboxes.queries import get_mailbox
from desk.metrics import inbound_mails
from desk.transaction import DeskTx

_DUPLICATE = "duplicate"
_WITH_FILES = (Outcome.OPENED, Outcome.THREADED, Outcome.FOLLOWED_UP)


class MailIntake:
    """Takes mails in, and lets through those that were held back."""

    def __init__(
        self,
        operations: Operations[DeskTx],
        files: FileStore,
        raw: FileStore,
        ids: IdFactory,
    ) -> None:
        self._operations = operations
        self._files = files
        self._raw = raw
        self._ids = ids

    def take(
        self,
        tenant_id: UUID,
        mailbox: Mailbox,
        content: bytes,
        sender: str | None = None,
        envelope: Sequence[str] = (),
    ) -> InboundMail:
        """Take a mail in, once; gives it as it is known. Raises `Unavailable` to be asked again.

        `sender` is the return path of the envelope where it is known, and `envelope` its recipients.
        """
        caller = service_caller("desk", tenant_id)
        # Mails come again and again: those that are known are not read to their end.
        key = key_of(*read_name(content), sha256(content).hexdigest())
        known = self._operations.read(caller, EVERYTHING, known_mail, mailbox.id, key)
        if known is not None:
            inbound_mails.labels(_DUPLICATE).inc()
            return known
        mail, mail_id = read_mail(content, sender), self._ids.new()
        self._raw.write(tenant_id, mail_id, content)
        kept, left_out = self._keep(tenant_id, mail.files)
        arrived = Arrived(mail_id, mail, kept, left_out, tuple(envelope))
        try:
            inbound = self._operations.run(caller, take_in, mailbox, arrived)
        except DomainError as error:
            if _is_refused(error):
                self._raw.remove(tenant_id, mail_id)
                self._drop(tenant_id, kept)
            raise
        is_new = inbound.id == mail_id
        if not is_new:
            self._raw.remove(tenant_id, mail_id)
        if not is_new or not _took_files(inbound):
            self._drop(tenant_id, kept)
        inbound_mails.labels(inbound.landing.outcome if is_new else _DUPLICATE).inc()
        return inbound

    @contextmanager
    def prepared(self, tenant_id: UUID, mail: InboundMail) -> Iterator[tuple[Mailbox, Arrived]]:
        """A mail that is held back, read again, with its files; these go if it is not let through.

        Raises `Conflict` for one that is not kept any more.
        """
        caller = service_caller("desk", tenant_id)
        mailbox = self._operations.read(caller, EVERYTHING, get_mailbox, mail.mailbox_id)
        if mail.landing.outcome is not Outcome.QUARANTINED:
            # Whoever lets it through hears what is wrong with that.
            yield mailbox, Arrived(mail.id, ParsedMail(mail.key))
            return
        try:
            content = b"".join(self._raw.read(tenant_id, mail.id))
        except NotFound:
            message = "The mail is not kept any more: it was held back for too long."
            raise Conflict(message, code="mail_gone") from None
        parsed = read_mail(content)
        kept, left_out = self._keep(tenant_id, parsed.files)
        try:
            yield mailbox, Arrived(mail.id, parsed, kept, left_out, trusted=True)
        except DomainError as error:
            if _is_refused(error):
                self._drop(tenant_id, kept)
            raise

    def _keep(
        self, tenant_id: UUID, files: Sequence[MailFile]
    ) -> tuple[list[KeptFile], tuple[str, ...]]:
        """Write the files that are kept; gives them, and what those are called that are not."""
        kept: list[KeptFile] = []
        left_out: list[str] = []
        for file in files:
            name = clean_name(file.name)
            try:
                kind = kind_of(file.content[:LARGEST_FILE], name)
            except Invalid:
                left_out.append(name)
                continue
            one = KeptFile.of(self._ids.new(), name, kind, file.content)
            self._files.write(tenant_id, one.id, file.content)
            kept.append(one)
        return kept, tuple(left_out)

    def _drop(self, tenant_id: UUID, kept: Sequence[KeptFile]) -> None:
        for file in kept:
            self._files.remove(tenant_id, file.id)


def _is_refused(error: DomainError) -> bool:
    """Whether surely nothing was stored: of a database that is gone nobody knows.

    Files that are stray then are swept, and mails go when they are old.
    """
    return error.category is not Category.UNAVAILABLE


def _took_files(mail: InboundMail) -> bool:
    return mail.landing.outcome in _WITH_FILES
