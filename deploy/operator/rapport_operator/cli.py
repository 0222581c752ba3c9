"""The command `rapport`: what operators do with a running deployment."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from rapport_operator.audit_commands import audit
from rapport_operator.backup_commands import backup, restore
from rapport_operator.command_line import (
    AS_JSON,
    Words,
    operator_command,
)
from rapport_operator.dead_letter_commands import letters
from rapport_operator.deployment import Deployment
from rapport_operator.doctor import examine
from rapport_operator.errors import ATTENTION
from rapport_operator.event_commands import events
from rapport_operator.import_commands import import_
from rapport_operator.key_commands import keys
from rapport_operator.lockout_commands import lockouts
from rapport_operator.output import OUT, print_json, table
from rapport_operator.status import Status, status_of
from rapport_operator.tenant_commands import tenants

_HELP = """Looks after a running deployment of Rapport.

On the machine where the local platform runs it finds everything by itself. Elsewhere it is told
with --deployment, or in RAPPORT_DEPLOYMENT, where the file is that describes the deployment.

\b
  rapport status                          how everything is doing
  rapport doctor                          what is wrong, and how to mend it
  rapport dead-letters list               facts that a service gave up on
  rapport dead-letters replay 17          have it try again, after the cause is mended
  rapport events replay --service contacts --since 2026-11-01
  rapport events restore                  after the broker has lost its data
  rapport tenants create …                organisations: list, create, suspend, resume
  rapport keys rotate                     keys that tokens are signed with: list, rotate, withdraw
  rapport lockouts lift ada@acme.example  let somebody try again who has failed to sign in too often
  rapport import people.csv --client ID   people from a file, with an organisation's own app
  rapport audit verify                    that no entry of an audit log was changed
  rapport backup --to DIR                 copy all databases, while the services go on
  rapport restore --from DIR              bring them back

\b
Exit codes: 0 done and all is well, 1 it could not be done, 2 wrong command line,
3 done, and something needs attention.
"""


@click.group(help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--deployment",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file that describes the deployment; also RAPPORT_DEPLOYMENT.",
)
@click.pass_context
def cli(context: click.Context, path: Path | None) -> None:
    """See `_HELP`."""
    context.obj = Words(path)


@cli.command()
@AS_JSON
@operator_command
def status(deployment: Deployment, *, as_json: bool) -> None:
    """Show parts, streams, consumers, outboxes and dead letters; exit code 3 if one needs attention."""
    found = asyncio.run(status_of(deployment))
    if as_json:
        print_json(found.as_json())
    else:
        _show(found)
    if found.needs_attention:
        sys.exit(ATTENTION)


def _show(found: Status) -> None:
    rows = [(part.part, part.ready, part.address, part.reason) for part in found.parts]
    table("Parts", ("part", "ready", "address", ""), rows)
    table(
        "Streams",
        ("stream", "messages", "MiB", "of MiB", "full %"),
        [
            (
                one.stream,
                one.messages,
                one.bytes / 2**20,
                one.max_bytes / 2**20,
                100 * one.bytes / one.max_bytes if one.max_bytes > 0 else 0.0,
            )
            for one in found.streams
        ],
    )
    table(
        "Consumers",
        ("consumer", "stream", "pending", "at work", "redelivered"),
        [
            (one.consumer, one.stream, one.pending, one.unsettled, one.redelivered)
            for one in found.consumers
        ],
    )
    table(
        "Outboxes",
        ("service", "waiting", "oldest s", "failed", "last error"),
        [
            (name, one.facts, one.oldest_seconds, one.failed, one.last_error)
            for name, one in found.outboxes.items()
        ],
    )
    if found.dead_letters:
        table("Dead letters", ("service", "letters"), list(found.dead_letters.items()))
    else:
        OUT.print("No dead letters.")


_DOCTOR_HELP = """Check the deployment: one line a check, with the remedy; exit code 3 if something is wrong.

\b
It looks at the databases (reachable, migrations, logins' rights, row-level security, character
type), the broker (JetStream, synchronous writes, streams and consumers as provisioned, limits),
outboxes, jobs, lag, dead letters, clocks, keys, service tokens, gRPC peers, the gateway, certificates
and versions. It changes nothing.
"""


@cli.command(help=_DOCTOR_HELP)
@AS_JSON
@operator_command
def doctor(deployment: Deployment, *, as_json: bool) -> None:
    """See `_DOCTOR_HELP`."""
    findings = asyncio.run(examine(deployment))
    wrong = [finding for finding in findings if not finding.is_well]
    if as_json:
        print_json([finding.as_json() for finding in findings])
    else:
        for finding in findings:
            OUT.print(finding.line(), markup=True)
        OUT.print(f"{len(findings)} checks, {len(wrong)} to look at.")
    if wrong:
        sys.exit(ATTENTION)


cli.add_command(letters)
cli.add_command(events)
cli.add_command(audit)
cli.add_command(tenants)
cli.add_command(keys)
cli.add_command(lockouts)
cli.add_command(import_)
cli.add_command(backup)
cli.add_command(restore)


def main() -> None:
    """Run the command line."""
    cli(prog_name="rapport")
