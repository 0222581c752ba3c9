"""`rapport import`: people from a file into an organisation, with that organisation's own app."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from rapport_operator.command_line import AS_JSON, operator_command
from rapport_operator.deployment import Deployment
from rapport_operator.errors import ATTENTION, OperatorError
from rapport_operator.importing import IMPORTS, Delivery, import_people
from rapport_operator.output import OUT, Bars, bars, print_json, table
from rapport_operator.tenant_app import TenantApp, tenant_app

SECRET = "RAPPORT_CLIENT_SECRET"  # noqa: S105 - the name of a variable
_COUNTS = ("created", "updated", "skipped", "failed", "suspected")
_READING = ("format", "encoding", "sheet", "default_country")
_LONGEST_NAME = 200
_HELP = f"""Import people from a file: CSV, a workbook, vCards or lines of JSON.

\b
  rapport import people.csv --client ID --dry-run          what would become of each row
  rapport import people.csv --client ID --key email        those who are known again are changed
  rapport import people.csv --client ID --column Mail=emails@work --errors refused.csv

An operator acts for no organisation, so the organisation lends an app: one of its own with
the grant client_credentials and the scopes contacts.imports.* and contacts.people.write. Its secret is
read from {SECRET}, or asked for. What is done is in the organisation's audit log under
that app. Rows that are not valid are refused one by one, and end the command with 3.
"""


def _pairs(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> Any:
    """`COLUMN=FIELD` as a mapping. The last `=` counts: names of columns may have some."""
    columns = {}
    for text in given:
        column, between, target = text.rpartition("=")
        if not (column and between and target):
            raise click.BadParameter(f"{text!r} is not COLUMN=FIELD, such as Mail=emails@work")
        columns[column] = target
    return columns


@click.command("import", help=_HELP)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--client", required=True, metavar="ID", help="The app's client id.")
@click.option("--name", help="What the import is called; the file's name unless given.")
@click.option(
    "--format", type=click.Choice(["csv", "xlsx", "vcf", "ndjson"]), help="Else found out."
)
@click.option("--encoding", help="Else found out.")
@click.option("--sheet", help="Which sheet of a workbook; the first unless given.")
@click.option("--default-country", metavar="TW", help="Of numbers and addresses without one.")
@click.option(
    "--column", "columns", multiple=True, callback=_pairs, metavar="COLUMN=FIELD[@LABEL]",
    help="What a column is, where the suggestion would not do; `ignore` leaves it out.",
)  # fmt: skip
@click.option("--key", help="By what people are known again: email, phone, external_id:SYSTEM.")
@click.option(
    "--duplicates",
    type=click.Choice(["create_anyway", "skip", "update"]),
    help="What becomes of rows that somebody else matches; created anyway unless given.",
)
@click.option(
    "--invalid-values",
    type=click.Choice(["refuse_row", "leave_out"]),
    help="What becomes of rows with values that cannot be right; refused unless given.",
)
@click.option("--tag", "tags", multiple=True, help="Given to everybody.")
@click.option("--source", help="Where they come from, for those whose row does not say.")
@click.option("--dry-run", "dry", is_flag=True, help="Change nothing, tell what would happen.")
@click.option(
    "--errors", type=click.Path(dir_okay=False, path_type=Path),
    help="A file for the refused rows with their reasons, to correct; it must not be there yet.",
)  # fmt: skip
@AS_JSON
@operator_command
def import_(
    deployment: Deployment, /, *, file: Path, client: str, errors: Path | None, dry: bool,
    as_json: bool, **given: Any,
) -> None:  # fmt: skip
    """See `_HELP`."""
    if errors is not None and errors.exists():
        raise OperatorError(f"{errors} is there already")
    secret = os.environ.get(SECRET) or click.prompt("Secret of the app", hide_input=True, err=True)
    delivery = _delivery(file, given)

    async def work(shown: Bars) -> Any:
        async with tenant_app(deployment.gateway_url, client, secret) as app:
            done = await import_people(app, delivery, shown.reach, dry=dry)
            if errors is not None and done["runs"][0]["failed"]:
                await _keep(app, f"{IMPORTS}/{done['id']}/errors", errors)
            return done

    with bars(hidden=as_json) as shown:
        done = asyncio.run(work(shown))
    _tell(done, dry=dry, as_json=as_json)
    if done["runs"][0]["failed"]:
        sys.exit(ATTENTION)


def _delivery(file: Path, given: Mapping[str, Any]) -> Delivery:
    reading = {name: given[name] for name in _READING if given[name]}
    plan = {
        name: given[name]
        for name in ("key", "duplicates", "invalid_values", "source", "tags")
        if given[name]
    }
    return Delivery(
        file, given["name"] or file.name[:_LONGEST_NAME], reading, plan, given["columns"]
    )


async def _keep(app: TenantApp, path: str, file: Path) -> None:
    """Write the refused rows to a file that nobody else may read."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as written:
            async for chunk in app.download(path):
                written.write(chunk)
    except OSError as error:
        raise OperatorError(f"{file} cannot be written: {error.strerror}") from None


def _tell(done: Any, *, dry: bool, as_json: bool) -> None:
    run = done["runs"][0]
    if as_json:
        print_json({"import_id": done["id"], "dry_run": dry, **{n: run[n] for n in _COUNTS}})
        return
    mapped = [(one["column"], one["field"], one["label"]) for one in done["mapping"]["columns"]]
    if mapped:
        table("Columns", ("column", "is", "label"), mapped)
    table("It would do" if dry else "Done", _COUNTS, [tuple(run[name] for name in _COUNTS)])
    OUT.print(f"import {done['id']}", markup=False)
