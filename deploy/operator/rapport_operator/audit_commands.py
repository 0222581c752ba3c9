"""`rapport audit`: list, export and verify the audit log of a tenant, or the operators' own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from rapport_operator.audit_logs import IDENTITY, audit_desk, verified
from rapport_operator.command_line import AS_JSON, Moment, operator_command
from rapport_operator.deployment import Deployment
from rapport_operator.descriptions import module_of
from rapport_operator.errors import ATTENTION, OperatorError
from rapport_operator.output import OUT, bars, print_json, table

_HELP = """Who did what: search, export and verify the audit log of a tenant, or the operators' own.

\b
  rapport audit list --tenant acme --since 7d --actor user:0192…
  rapport audit list --tenant - --since 30d         sign-ins of nobody, keys, operators' tokens
  rapport audit export --tenant acme --to acme.ndjson
  rapport audit verify                              every log
  rapport audit verify --tenant acme --expect 4711:9f86d0…

A tenant is named by its slug or id; - stands for what belongs to none. It reads identity's database
with the logins of the deployment's description. An export is an entry of the log itself.
"""


@click.group("audit", help=_HELP)
def audit() -> None:
    """See `_HELP`."""


_TENANT = click.option(
    "--tenant", required=True, metavar="ID|-", help="Whose log, by slug or id; - for no tenant's."
)
_FILTERS: Sequence[Callable[[Callable[..., Any]], Callable[..., Any]]] = (
    click.option("--since", type=Moment(), help="From when on: 2026-11-01 or 7d."),
    click.option("--until", type=Moment(), help="Until before then."),
    click.option("--actor", help="user:<id>, client:<id> or service:<name>."),
    click.option(
        "--action", help="The full name of a fact: rapport.identity.events.v1.RoleDefined."
    ),
    click.option("--service", help="The service that tells."),
    click.option("--record", help="The record that it is about, by its id."),
    click.option("--address", help="Where the request came from."),
)


def _filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_FILTERS):
        command = option(command)
    return command


@audit.command("list")
@_TENANT
@_filtered
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@AS_JSON
@operator_command
def list_(
    deployment: Deployment, /, *, tenant: str, limit: int, as_json: bool, **given: Any
) -> None:
    """List entries, the latest first."""
    with audit_desk(deployment) as desk:
        entries = list(desk.entries(desk.tenant(tenant), _filters(given), limit))
    if as_json:
        print_json(entries)
    elif entries:
        table("Audit log", _HEADINGS, map(_row, entries))
    else:
        OUT.print("No such entries.")


@audit.command()
@_TENANT
@_filtered
@click.option(
    "--format", "kind", type=click.Choice(["ndjson", "csv"]), default="ndjson", show_default=True
)
@click.option(
    "--to",
    "path",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file, which must not be there yet.",
)
@click.option("--operator", metavar="NAME", help="Who exports, for the log; your login name here.")
@AS_JSON
@operator_command
def export(
    deployment: Deployment,
    /,
    *,
    tenant: str,
    kind: str,
    path: Path,
    operator: str | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Write entries to a file, the oldest first; the export becomes an entry of the log.

    The file is there when all of it is. A whole log as NDJSON has all that is needed to compute its
    chain again.
    """
    if path.exists():
        raise OperatorError(f"{path} is there already")
    written_in = module_of(IDENTITY, "audit.models").ExportFormat(kind)
    with audit_desk(deployment, operator) as desk, bars(hidden=as_json) as shown:
        chunks = desk.export(desk.tenant(tenant), written_in, _filters(given))
        size = _write(path, chunks, lambda done: shown.reach("KiB", done // 1024))
    if as_json:
        print_json({"file": str(path), "bytes": size})
    else:
        OUT.print(f"Exported {size:,} bytes to {path}.")


@audit.command()
@click.option("--tenant", metavar="ID|-", help="Whose log; all without it.")
@click.option(
    "--expect",
    multiple=True,
    metavar="NUMBER:HASH",
    help="A head that was noted before; the log still has to contain it. Needs --tenant.",
)
@AS_JSON
@operator_command
def verify(
    deployment: Deployment, *, tenant: str | None, expect: tuple[str, ...], as_json: bool
) -> None:
    """Verify that no entry was changed, removed or exchanged; exit code 3 if one was."""
    if expect and tenant is None:
        raise click.UsageError("--expect is about one log: name it with --tenant")
    with audit_desk(deployment) as desk, bars(hidden=as_json) as shown:
        chosen = desk.tenants() if tenant is None else [desk.tenant(tenant)]
        found = []
        for done, tenant_id in enumerate(chosen, start=1):
            found.append(verified(desk, tenant_id, [*expect]))
            shown.reach("verifying", done, len(chosen))
    if as_json:
        print_json([one.as_json() for one in found])
    else:
        for one in found:
            OUT.print(one.line(), markup=False)
    if not all(one.is_intact for one in found):
        sys.exit(ATTENTION)


def _filters(given: dict[str, Any]) -> dict[str, str]:
    """The options as parameters of the list that REST has."""
    names = {"since": "occurred_at[gte]", "until": "occurred_at[lt]", "record": "record_id"}
    return {
        names.get(name, name): value.astimezone(UTC).isoformat()
        if isinstance(value, datetime)
        else value
        for name, value in given.items()
        if value is not None
    }


_HEADINGS = ("number", "at", "actor", "action", "record", "address")


def _row(entry: dict[str, Any]) -> tuple[Any, ...]:
    kind = entry["record_kind"] or ""
    return (
        entry["number"],
        entry["occurred_at"],
        entry["actor"],
        entry["action"].rpartition(".")[2],
        f"{kind} {entry['record_id']}".strip(),
        entry["address"],
    )


def _write(path: Path, chunks: Iterable[bytes], tell: Callable[[int], None]) -> int:
    """Write a file that nobody else may read, under its name when all is in it; gives its size."""
    part, size = path.with_name(f"{path.name}.part"), 0
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in chunks:
                    size += file.write(chunk)
                    tell(size)
            part.rename(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}") from None
    return size
