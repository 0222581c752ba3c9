"""Commands for operators, run beside the service with its own database credentials."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from uuid import UUID

import click

from chassis.context import service_caller
from chassis.domain import DomainError
from chassis.service import Service
from chassis.settings import WrongSettings, load_settings
from contacts.custom_fields.domain import RecordKind
from contacts.search.operations import FIRST, rebuild_index
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx

Build = Callable[[ContactsSettings], Service[ContactsTx]]


def rebuild_search_command(build: Build) -> click.Command:
    """`rebuild-search --tenant ID`."""

    @click.command("rebuild-search")
    @click.option("--tenant", required=True, type=click.UUID, help="The id of the organisation.")
    def rebuild_search(tenant: UUID) -> None:
        """Index a tenant's people and companies anew; the service goes on meanwhile."""
        try:
            settings = load_settings(ContactsSettings)
        except WrongSettings as error:
            raise click.ClickException(f"wrong settings\n{error}") from None
        service = build(settings)
        with closing(service.database):
            try:
                people, companies = (_rebuilt(service, tenant, kind) for kind in RecordKind)
            except DomainError as error:
                raise click.ClickException(error.message) from None
        click.echo(f"indexed {people} people and {companies} companies")

    return rebuild_search


def _rebuilt(service: Service[ContactsTx], tenant: UUID, kind: RecordKind) -> int:
    """How many records there were."""
    caller, records, after = service_caller("contacts", tenant), 0, FIRST
    while True:
        step = service.operations.run(caller, rebuild_index, kind, after)
        records += step.records
        if step.after is None:
            return records
        after = step.after
