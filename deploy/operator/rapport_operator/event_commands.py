"""`rapport events`: rebuild one service's view, or the whole bus."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import click

from chassis.clock import SystemClock
from chassis.events.provision import StreamLimits
from rapport_operator.bus import bus_of
from rapport_operator.command_line import AS_JSON, Moment, operator_command
from rapport_operator.deployment import Deployment
from rapport_operator.descriptions import description_of
from rapport_operator.output import OUT, Bars, bars, print_json, table
from rapport_operator.replays import Rebuild, Rebuilding, Rebuilt, answer_of
from rapport_operator.restoring import hand_back, provision_all, until_published

_WINDOW = timedelta(days=30)


_HELP = """Have facts of the past come again: for one service's view, or for the whole bus.

\b
  rapport events replay --service contacts --since 2026-11-01
  rapport events replay --service contacts --since 7d --types RoleDefined --from-outbox
  rapport events restore
"""


@click.group(help=_HELP)
def events() -> None:
    """See `_HELP`."""


@events.command()
@click.option("--service", required=True, help="Whose view is rebuilt.")
@click.option("--since", type=Moment(), required=True, help="From when on: 2026-11-01 or 7d.")
@click.option("--types", multiple=True, help="Only these types of facts; may be said repeatedly.")
@click.option("--from", "producers", multiple=True, help="Only the facts of this service.")
@click.option("--from-outbox", is_flag=True, help="Read the producers' outboxes, not the streams.")
@click.option("--reset", is_flag=True, help="Empty the view's tables first.")
@click.option("--yes", is_flag=True, help="With --reset: do not ask.")
@AS_JSON
@operator_command
def replay(  # noqa: PLR0913 - one for each option
    deployment: Deployment,
    *,
    service: str,
    since: datetime,
    types: Sequence[str],
    producers: Sequence[str],
    from_outbox: bool,
    reset: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Rebuild a service's view: its projections get the facts since then again.

    Effects (messages, points, webhooks) never happen again. The facts are read from the streams, or
    from the outboxes when a stream has lost some. Only this service gets them.
    """
    deployment.service(service)
    wanted = Rebuilding(service, since, types or None, producers, from_outbox)

    async def run(shown: Bars) -> Rebuilt:
        async with bus_of(deployment.nats.operator()) as bus:
            rebuild = Rebuild(bus, deployment, description_of(service), wanted, shown.reach)
            if reset:
                if not yes:
                    click.confirm(f"Empty the views of {service} first?", abort=True, err=True)
                rebuild.empty()
            return await rebuild.run()

    with bars(hidden=as_json) as shown:
        done = asyncio.run(run(shown))
    if as_json:
        print_json(answer_of(done))
    else:
        rows = [(name, done.sources[name], count) for name, count in done.facts.items()]
        table(f"Replayed to {service}", ("facts of", "read from", "facts"), rows)


@events.command()
@click.option("--since", type=Moment(), help="From when on; 30 days, which outboxes keep.")
@click.option("--service", "services", multiple=True, help="Only the facts of this service.")
@click.option("--replicas", default=1, show_default=True, type=click.IntRange(1, 5))
@click.option("--wait/--no-wait", default=True, help="Wait until everything is published.")
@AS_JSON
@operator_command
def restore(
    deployment: Deployment,
    *,
    since: datetime | None,
    services: Sequence[str],
    replicas: int,
    wait: bool,
    as_json: bool,
) -> None:
    """Rebuild the bus after the broker has lost its data: streams anew, facts from the outboxes.

    Every fact keeps its id, so what had its effect has none again. May be run again if it is cut
    off. The services' workers have to run: they publish.
    """
    names = list(services) or list(deployment.services)
    for name in names:
        deployment.service(name)
    now = SystemClock().now()
    asyncio.run(provision_all(deployment, StreamLimits(replicas=replicas)))
    with bars(hidden=as_json) as shown:
        facts = hand_back(deployment, names, since or now - _WINDOW, now, _named(shown, "reading"))
        if wait:
            tell = _countdown(shown, facts)
            asyncio.run(until_published(deployment, names, tell))
    if as_json:
        print_json({"facts": facts, "published": wait})
    else:
        table("Restored", ("facts of", "facts"), list(facts.items()))
        OUT.print("All are published." if wait else "The relays are publishing them.")


def _named(shown: Bars, what: str) -> Callable[[str, int], None]:
    return lambda name, done: shown.reach(f"{what} {name}", done)


def _countdown(shown: Bars, totals: dict[str, int]) -> Callable[[str, int], None]:
    def tell(name: str, left: int) -> None:
        total = max(totals.get(name, 0), left)
        shown.reach(f"publishing {name}", total - left, total)

    return tell
