"""`rapport backup` and `rapport restore`: all databases into a folder, and back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from chassis.clock import SystemClock
from rapport_operator.backing_up import back_up
from rapport_operator.bringing_back import Target, bring_back, targets
from rapport_operator.command_line import AS_JSON, operator_command
from rapport_operator.deployment import Deployment
from rapport_operator.descriptions import description_of
from rapport_operator.errors import OperatorError
from rapport_operator.manifest import Manifest, read_manifest
from rapport_operator.output import ERR, OUT, Bars, bars, print_json, table
from rapport_operator.settling import settle

_SERVICES = click.option(
    "--service", "services", multiple=True, help="Only this service; may be said repeatedly."
)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_KIB = 1024
_BACKUP_HELP = """Copy all databases into a folder, while the services go on.

All are as they were at one time; the files that services keep in folders come after. Beside the dumps, which only you may read, a manifest says what
they hold, with checksums. The secrets (keys, passwords) are not among them: keep those elsewhere.
"""
_RESTORE_HELP = """Bring databases back from a backup, and then have everything agree again.

\b
  1. stop the services; the databases and their logins have to be there
  2. rapport restore --from DIR
  3. prepare and start the services
  4. rapport restore --from DIR --settle

\b
Before anything is changed all files are verified. Each database comes back whole or stays as it
was. The last step erases again who was erased since the backup, and has facts published again
that were on their way; effects that have happened do not happen again.
"""


@click.command(help=_BACKUP_HELP)
@click.option("--to", "folder", type=_FOLDER, required=True, help="A folder that is empty or new.")
@_SERVICES
@AS_JSON
@operator_command
def backup(deployment: Deployment, *, folder: Path, services: Sequence[str], as_json: bool) -> None:
    """See `_BACKUP_HELP`."""
    names = _chosen(deployment, services, deployment.services)
    with bars(hidden=as_json) as shown:
        manifest = back_up(
            deployment,
            names,
            folder,
            lambda name, done: shown.reach(f"{name}, KiB", done // _KIB),
        )
    for name in names:
        for left_out in description_of(name).files.keys() - deployment.service(name).folders.keys():
            ERR.print(
                f"The folder {left_out} of {name} is not in it: the deployment's description does not "
                "say where it is. Copy it now, by other means."
            )
    if as_json:
        print_json(manifest.model_dump(mode="json"))
        return
    rows = [
        (name, one.file, one.bytes / _KIB**2, len(one.rows), sum(one.rows.values()))
        for name, one in manifest.services.items()
    ]
    table(f"Backup in {folder}", ("service", "file", "MiB", "tables", "rows"), rows)
    files = [
        (name, kept.file, kept.bytes / _KIB**2, kept.files, kept.missing)
        for name, one in manifest.services.items()
        for kept in one.folders.values()
    ]
    if files:
        table("Folders", ("service", "file", "MiB", "files", "missing"), files)


@click.command(help=_RESTORE_HELP)
@click.option("--from", "folder", type=_FOLDER, required=True, help="The backup.")
@_SERVICES
@click.option("--replace", is_flag=True, help="Also where a database is not empty.")
@click.option("--yes", is_flag=True, help="With --replace: do not ask.")
@click.option("--settle", "is_settling", is_flag=True, help="The last step: have all agree again.")
@AS_JSON
@operator_command
def restore(
    deployment: Deployment,
    *,
    folder: Path,
    services: Sequence[str],
    replace: bool,
    yes: bool,
    is_settling: bool,
    as_json: bool,
) -> None:
    """See `_RESTORE_HELP`."""
    manifest = read_manifest(folder)
    names = _chosen(deployment, services, manifest.services)
    with bars(hidden=as_json) as shown:
        if is_settling:
            _settle(deployment, manifest, names, shown, as_json=as_json)
            return
        lost: dict[str, int] = {}
        found = targets(deployment, manifest, names, folder, shown.reach)
        _agree_to_lose(found, replace=replace, yes=yes)
        for target in found:
            lost[target.service] = bring_back(target, shown.reach)
    answer = {one.service: sum(one.archived.rows.values()) for one in found}
    if as_json:
        print_json(
            {"taken_at": manifest.taken_at.isoformat(), "rows": answer, "missing_files": lost}
        )
        return
    table(
        f"Restored, as of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC",
        ("service", "rows", "missing files"),
        [(name, rows, lost[name]) for name, rows in answer.items()],
    )
    OUT.print(
        "Now prepare and start the services; then "
        f"`rapport restore --from {folder} --settle` erases again who was erased since, "
        "and has facts published again that were on their way."
    )


def _settle(
    deployment: Deployment, manifest: Manifest, names: Sequence[str], shown: Bars, *, as_json: bool
) -> None:
    done = asyncio.run(
        settle(deployment, names, manifest.taken_at, SystemClock().now(), shown.reach)
    )
    if as_json:
        print_json({"erasures": done.erasures, "facts": done.facts})
        return
    rows = [(name, done.erasures.get(name, 0), done.facts[name]) for name in names]
    table("Settled", ("service", "erasures", "facts published again"), rows)


def _agree_to_lose(found: Sequence[Target], *, replace: bool, yes: bool) -> None:
    """Raises `OperatorError`, or asks, when there is something in a database."""
    full = {one.service: one.tables for one in found if one.tables}
    if not full:
        return
    what = ", ".join(f"{name} ({count} tables)" for name, count in full.items())
    if not replace:
        raise OperatorError(
            f"not empty: {what}; restore into empty databases, or say --replace to lose what they hold"
        )
    if not yes:
        ERR.print(f"What is there now is lost: {what}.")
        click.confirm("Replace it by the backup?", abort=True, err=True)


def _chosen(deployment: Deployment, services: Sequence[str], known: Iterable[str]) -> list[str]:
    names = list(services) or list(known)
    for name in names:
        deployment.service(name)
    return names
