"""`rapport dead-letters`: list, show, replay and drop the facts that services gave up on."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from rapport_operator.bus import Bus, bus_of
from rapport_operator.command_line import AS_JSON, Moment, operator_command
from rapport_operator.contents import as_people_read_it
from rapport_operator.deployment import Deployment
from rapport_operator.letters import (
    DeadLetter,
    Wanted,
    content_of,
    dead_letter,
    dead_letters,
    drop,
    replay,
)
from rapport_operator.output import OUT, bars, print_json, table

_NUMBERS = click.argument("numbers", nargs=-1, type=click.IntRange(min=1), metavar="ID...")


_HELP = """Facts that a service gave up on: look at them, have them done again, or drop them.

\b
  rapport dead-letters list --service contacts --since 7d
  rapport dead-letters show 17
  rapport dead-letters replay 17 18
  rapport dead-letters replay --all --service contacts
  rapport dead-letters drop 19 --yes

A replayed fact goes to the service that gave up on it, and to no other.
"""


@click.group("dead-letters", help=_HELP)
def letters() -> None:
    """See `_HELP`."""


@letters.command("list")
@click.option("--service", help="Only those that this service gave up on.")
@click.option("--type", "kind", help="Only this type of fact: PersonCreated, or the full name.")
@click.option("--since", type=Moment(), help="Only since then: 2026-11-01 or 7d.")
@click.option("--reason", help="Only those with this in their reason.")
@AS_JSON
@operator_command
def list_(
    deployment: Deployment,
    *,
    service: str | None,
    kind: str | None,
    since: datetime | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """List dead letters, oldest first."""
    if service is not None:
        deployment.service(service)
    found = asyncio.run(_find(deployment, Wanted(service, kind, since, reason)))
    if as_json:
        print_json([letter.summary() for letter in found])
    elif found:
        rows = [
            (one.id, one.service, one.type.rpartition(".")[2], one.at, one.attempts, one.reason)
            for one in found
        ]
        table("Dead letters", ("id", "service", "type", "at", "attempts", "reason"), rows)
    else:
        OUT.print("No dead letters.")


async def _find(deployment: Deployment, wanted: Wanted) -> list[DeadLetter]:
    async with bus_of(deployment.nats.operator()) as bus:
        return [letter async for letter in dead_letters(bus, wanted)]


@letters.command()
@click.argument("number", type=click.IntRange(min=1), metavar="ID")
@AS_JSON
@operator_command
def show(deployment: Deployment, number: int, *, as_json: bool) -> None:
    """Show one dead letter with its envelope and its content."""

    async def look() -> tuple[DeadLetter, bytes | None]:
        async with bus_of(deployment.nats.operator()) as bus:
            letter = await dead_letter(bus, number)
            return letter, await content_of(bus, letter)

    letter, payload = asyncio.run(look())
    content = None if payload is None else as_people_read_it(letter.type, payload)
    if as_json:
        encoded = None if payload is None else base64.b64encode(payload).decode()
        print_json(
            letter.summary()
            | {"headers": letter.fact_headers, "payload": encoded, "content": content}
        )
        return
    table("", ("", ""), [(name, value) for name, value in letter.summary().items()])
    table("Headers", ("", ""), list(letter.fact_headers.items()))
    if payload is None:
        OUT.print(f"The content was too large or too personal to be kept twice: {letter.origin}.")
    elif content is None:
        OUT.print(f"The content cannot be read as {letter.type}: {payload.hex(' ')}")
    else:
        print_json(content)


@letters.command("replay")
@_NUMBERS
@click.option("--all", "every", is_flag=True, help="All there are, or all of --service.")
@click.option("--service", help="With --all: only those that this service gave up on.")
@AS_JSON
@operator_command
def replay_(
    deployment: Deployment,
    numbers: Sequence[int],
    *,
    every: bool,
    service: str | None,
    as_json: bool,
) -> None:
    """Have the service that gave up on facts do them again, after the cause is mended.

    Nobody else gets them. What fails again becomes a new dead letter.
    """
    _check_choice(numbers, every=every, service=service)

    async def run() -> list[int]:
        async with bus_of(deployment.nats.operator()) as bus:
            chosen = await _chosen(bus, numbers, service)
            with bars(hidden=as_json) as shown:
                for done, letter in enumerate(chosen, start=1):
                    await replay(bus, letter)
                    shown.reach("replaying", done, len(chosen))
        return [letter.id for letter in chosen]

    _tell("replayed", asyncio.run(run()), as_json=as_json)


@letters.command("drop")
@_NUMBERS
@click.option("--yes", is_flag=True, help="Do not ask.")
@AS_JSON
@operator_command
def drop_(deployment: Deployment, numbers: Sequence[int], *, yes: bool, as_json: bool) -> None:
    """Delete dead letters for good: their facts never have their effect in that service."""
    if not numbers:
        raise click.UsageError("name at least one dead letter")

    async def look() -> list[DeadLetter]:
        async with bus_of(deployment.nats.operator()) as bus:
            return await _chosen(bus, numbers, None)

    async def run(chosen: Sequence[DeadLetter]) -> list[int]:
        async with bus_of(deployment.nats.operator()) as bus:
            for letter in chosen:
                await drop(bus, letter)
        return [letter.id for letter in chosen]

    chosen = asyncio.run(look())
    if not yes:
        for letter in chosen:
            click.echo(f"{letter.id}  {letter.service}  {letter.type}  {letter.reason}", err=True)
        click.confirm("Drop these for good?", abort=True, err=True)
    _tell("dropped", asyncio.run(run(chosen)), as_json=as_json)


def _check_choice(numbers: Sequence[int], *, every: bool, service: str | None) -> None:
    if every == bool(numbers):
        raise click.UsageError("name dead letters, or say --all")
    if service is not None and not every:
        raise click.UsageError("--service goes with --all")


async def _chosen(bus: Bus, numbers: Sequence[int], service: str | None) -> list[DeadLetter]:
    if numbers:
        return [await dead_letter(bus, number) for number in dict.fromkeys(numbers)]
    return [letter async for letter in dead_letters(bus, Wanted(service=service))]


def _tell(what: str, numbers: Sequence[int], *, as_json: bool) -> None:
    if as_json:
        answer: dict[str, Any] = {what: list(numbers)}
        print_json(answer)
    else:
        named = f": {', '.join(map(str, numbers))}" if 0 < len(numbers) <= 20 else ""
        OUT.print(f"{what.capitalize()} {len(numbers)}{named}.")
