"""Wires the files of conversations, and mail in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chassis.domain import Conflict
from chassis.http.pages import Pages
from chassis.http.routes import Routes
from chassis.rpc.declaration import RpcService
from chassis.service import Service
from chassis.work.periodic import PeriodicWork
from desk.attachments.api import attachment_routes
from desk.attachments.files import FileStore, FolderFileStore
from desk.attachments.links import FileLinks
from desk.attachments.pages import attachment_pages
from desk.attachments.pruning import attachment_pruning
from desk.inbound_mail.api import inbound_mail_routes
from desk.inbound_mail.flows import MailIntake
from desk.inbound_mail.pages import mail_pages
from desk.inbound_mail.pruning import raw_mail_pruning
from desk.mailboxes.api import mailboxes
from desk.mailboxes.storage import ADDRESS_ONCE
from desk.open_tenants import OpenTenants
from desk.outbound_mail.api import outbound_mails
from desk.personal_data import desk_personal_data
from desk.settings import DeskSettings
from desk.transaction import DeskTx

MAILING_CONFLICTS: Mapping[str, Conflict] = {
    ADDRESS_ONCE: Conflict(
        "There is a mailbox with this address already, on the whole platform.",
        code="mailbox_address_taken",
    ),
}


class Mailing:
    """The parts of desk that files and mail go through."""

    def __init__(self, service: Service[DeskTx], settings: DeskSettings) -> None:
        self._service = service
        self._files: FileStore = FolderFileStore(settings.attachments / "files")
        self._raw: FileStore = FolderFileStore(settings.attachments / "mails")
        self._links = FileLinks(settings.sealing_secrets, settings.public_url)
        self._tenants = OpenTenants(service.directory)
        self.intake = MailIntake(service.operations, self._files, self._raw, service.ids)
        secret = settings.intake_secret
        self._intake_secret = None if secret is None else secret.get_secret_value()

    def routes(self) -> Sequence[Routes]:
        """All that is answered with a token."""
        return (
            attachment_routes(self._files, self._links, self._service.ids),
            mailboxes,
            inbound_mail_routes(self.intake, self._raw),
            outbound_mails,
        )

    def pages(self) -> Sequence[Pages]:
        """All that is answered without one."""
        operations, clock = self._service.operations, self._service.clock
        return (
            attachment_pages(operations, self._files, self._links, self._tenants, clock),
            mail_pages(operations, self.intake, self._tenants, clock, self._intake_secret),
        )

    @property
    def personal_data(self) -> RpcService:
        """What tells what is kept of a person, files included."""
        return desk_personal_data(self._files)

    def works(self) -> Sequence[PeriodicWork]:
        """What is done every so often."""
        database, clock = self._service.database, self._service.clock
        return (
            *attachment_pruning(database, self._files, clock),
            *raw_mail_pruning(database, self._raw, clock),
        )
