"""Where everything listens on this machine; all ports follow from one number, or are free ones."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from chassis.embedded.processes import free_port
from rapport_local.errors import PlatformError
from rapport_local.services import ServiceDefinition

DEFAULT_PORTS_FROM = 18000
_FIRST_SERVICE = 101
_MAIL = 6
_PER_SERVICE = 10


@dataclass(frozen=True)
class ServicePorts:
    """Where one service listens."""

    http: int
    grpc: int
    stream: int
    """Of the role `stream`, in services that have it."""
    jobs: int
    """Likewise of the role `jobs`."""


@dataclass(frozen=True)
class PlatformPorts:
    """Where every part listens, on 127.0.0.1."""

    ports_from: int
    gateway: int
    gateway_metrics: int
    postgres: int
    nats: int
    nats_monitor: int
    portal: int
    mail: int
    services: dict[str, ServicePorts]

    def named(self) -> Iterator[tuple[str, int]]:
        """Each part with its ports; a part appears once for each of them."""
        yield from (("postgres", self.postgres), ("nats", self.nats), ("nats", self.nats_monitor))
        for name, ports in self.services.items():
            yield from ((name, ports.http), (name, ports.grpc))
            yield from ((f"{name}-stream", ports.stream), (f"{name}-jobs", ports.jobs))
        yield from (
            ("portal", self.portal),
            ("mail", self.mail),
            ("gateway", self.gateway),
            ("gateway", self.gateway_metrics),
        )


def plan_ports(ports_from: int, services: Sequence[ServiceDefinition]) -> PlatformPorts:
    """All ports, counted from one, or free ones if that is 0."""
    highest = _FIRST_SERVICE + _PER_SERVICE * len(services)
    if ports_from and not 1024 <= ports_from <= 65535 - highest:
        raise PlatformError(
            f"--ports-from must be 0 or between 1024 and {65535 - highest}, not {ports_from}"
        )
    chosen: set[int] = set()

    def port(offset: int) -> int:
        return ports_from + offset if ports_from else _another_free_port(chosen)

    starts = (_FIRST_SERVICE + _PER_SERVICE * index for index in count())
    return PlatformPorts(
        ports_from=ports_from,
        gateway=port(0),
        gateway_metrics=port(1),
        postgres=port(2),
        nats=port(3),
        nats_monitor=port(4),
        portal=port(5),
        mail=port(_MAIL),
        services={
            service.name: ServicePorts(*(port(start + place) for place in range(4)))
            for service, start in zip(services, starts, strict=False)
        },
    )


def _another_free_port(chosen: set[int]) -> int:
    while (port := free_port()) in chosen:
        pass
    chosen.add(port)
    return port


def remembered_ports(
    path: Path,
    ports_from: int | None,
    services: Sequence[ServiceDefinition],
    running: Callable[[], bool],
) -> PlatformPorts:
    """The ports of last time, or planned now and remembered; a service that is new since then gets its own.

    Raises `PlatformError` if others are wanted while the platform is running.
    """
    known = _read(path)
    if known is not None and ports_from not in (None, known.ports_from):
        if running():
            raise PlatformError(
                f"the platform runs with ports from {known.ports_from}; run `make down` first"
            )
        known = None
    wanted = ports_from if ports_from is not None else DEFAULT_PORTS_FROM
    if known is None or set(known.services) != {service.name for service in services}:
        planned = plan_ports(known.ports_from if known else wanted, services)
        known = _keep_known(known, planned)
        path.write_text(json.dumps(asdict(known), indent=2), encoding="utf-8")
    return known


def _keep_known(known: PlatformPorts | None, planned: PlatformPorts) -> PlatformPorts:
    """Free ports that were chosen earlier stay, so that running parts remain where they are."""
    if known is None or known.ports_from:
        return planned
    services = {name: known.services.get(name, ports) for name, ports in planned.services.items()}
    return PlatformPorts(**{**vars(known), "services": services})


def _read(path: Path) -> PlatformPorts | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise PlatformError(f"{path} cannot be read ({error}); `make reset` starts anew") from None
    # A platform of before there was mail goes on where it is.
    ports_from = content["ports_from"]
    content.setdefault("mail", ports_from + _MAIL if ports_from else free_port())
    services = {name: _ports_of(ports) for name, ports in content.pop("services").items()}
    return PlatformPorts(services=services, **content)


def _ports_of(known: dict[str, int]) -> ServicePorts:
    """Likewise one of before there were streams or jobs: ports behind those of the service, or free."""
    following = known["grpc"] == known["http"] + 1
    for place, role in ((2, "stream"), (3, "jobs")):
        known.setdefault(role, known["http"] + place if following else free_port())
    return ServicePorts(**known)
