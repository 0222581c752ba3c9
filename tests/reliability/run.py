"""One run: load, faults one after the other, rest, and then the look at what has to be true."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Event

from deploy.demo.oauth import ClientCredentials
from deploy.demo.tenant import administrator, new_tenant, operator_token, register_app
from tests.reliability.bus import backlog, unpublished
from tests.reliability.checks.check import Check, Evidence, Finding
from tests.reliability.checks.clocks import unbroken
from tests.reliability.checks.mail import unsent
from tests.reliability.checks.reminders import unreminded
from tests.reliability.checks.tickets import unrouted
from tests.reliability.client import Client
from tests.reliability.desk import Mailbox, open_desk
from tests.reliability.estate import Estate
from tests.reliability.faults.fault import Fault, Scene
from tests.reliability.helping import Helper
from tests.reliability.hook import registered_hook, undelivered
from tests.reliability.keeper import Keeper
from tests.reliability.ledger import Ledger, counts
from tests.reliability.load import Load, Reader, Writer
from tests.reliability.result import Result, Window
from tests.reliability.rewarding import open_club
from tests.reliability.selling import Seller
from tests.reliability.watch import Watch

_SCOPES = (
    "contacts.*",
    "identity.teams.*",
    "identity.audit.read",
    "notifications.*",
    "sales.*",
    "loyalty.*",
    "desk.*",
)
_SETTLE_SECONDS = 120.0
_LOOKS = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """How a run is to be; the pauses are those between two requests of one app, in seconds."""

    seed: int
    writers: int = 3
    sellers: int = 2
    helpers: int = 2
    writing_pause: float = 0.25
    reading_pause: float = 0.25
    quiet: float = 1.0
    """How long nothing is wrong before a fault and after the recovery from it."""


class Run:
    """Drives one run on an estate that is up."""

    def __init__(self, estate: Estate, plan: Plan) -> None:
        self._estate = estate
        self._plan = plan
        self.rng = random.Random(plan.seed)  # noqa: S311 - the seed decides, and nobody guesses
        self._ledger = Ledger()
        self._watch = Watch(estate, self._ledger)
        self._keeper = Keeper(estate.platform)
        self._windows: list[Window] = []
        self._began = 0.0

    def through(self, faults: Iterable[Fault], checks: Sequence[Check]) -> Result:
        """Inflict the faults in their order, let everything settle, and check."""
        tenant_id, tokens, mailbox = self._tenant()
        clients = list(self._clients(tokens))
        began, self._began = datetime.now(UTC), time.monotonic()
        with registered_hook(self._estate, tokens) as hook:
            with self._at_work(Load(dict(self._works(clients, mailbox)))):
                self._watch.learn()
                scene = Scene(self._estate, self._keeper, self.rng)
                for fault in faults:
                    self._windows.append(self._suffer(fault, scene))
            settled = self._settle()
        evidence = Evidence(self._estate, self._ledger, clients[-1], hook, tenant_id)
        findings = [self._look(check, evidence) for check in checks]
        for client in clients:
            client.close()
        return self._result(began, settled, findings)

    def _look(self, check: Check, evidence: Evidence) -> Finding:
        """What a check finds; looked at again after another rest if it does not hold.

        Deadlines of tickets pass and tell facts while checks look, and these are on their way for a
        moment. What is lost or was done twice stays so.
        """
        finding = check(evidence)
        for _ in range(_LOOKS - 1):
            if finding.holds:
                break
            self._settle()
            finding = check(evidence)
        return finding

    @contextmanager
    def _at_work(self, load: Load) -> Iterator[None]:
        self._keeper.start()
        load.start()
        try:
            yield
        finally:
            self._estate.wires.mend()
            load.stop()
            self._keeper.stop()

    def _tenant(self) -> tuple[str, ClientCredentials, Mailbox]:
        """A new tenant, the tokens of an app of it, and where its mail is handed over."""
        gateway = self._estate.gateway
        operator = operator_token(self._estate.platform.state.root, minutes=60)
        tenant = new_tenant(gateway, operator, "Reliability")
        by = administrator(gateway, tenant)
        open_club(by)
        mailbox = open_desk(by)
        tokens = ClientCredentials(gateway, register_app(by, "Reliability", _SCOPES))
        by.close()
        return tenant.id, tokens, mailbox

    def _clients(self, tokens: ClientCredentials) -> Iterator[Client]:
        """One for each writer, each seller, each helper, and then each reader."""
        # Writers wait for less than some faults last: they come again while the first is under way.
        writing = self._plan.writers + self._plan.sellers + self._plan.helpers
        timeouts = [*(3.0 for _ in range(writing)), *(10.0 for _ in self._estate.public)]
        for timeout in timeouts:
            yield Client(self._estate.gateway, tokens, self._another(), timeout)

    def _another(self) -> random.Random:
        return random.Random(self.rng.getrandbits(32))  # noqa: S311

    def _works(
        self, clients: Sequence[Client], mailbox: Mailbox
    ) -> Iterator[tuple[str, Callable[[Event], None]]]:
        plan, ledger, free = self._plan, self._ledger, iter(clients)
        for number in range(plan.writers):
            name, last = f"w{number}", float(number == plan.writers - 1)
            # One is of the kind that gives up at once: what became of its writes it never learns.
            rng = self._another()
            yield name, Writer(name, next(free), ledger, rng, plan.writing_pause, last).work
        for number in range(plan.sellers):
            name, last = f"s{number}", float(number == plan.sellers - 1)
            rng = self._another()
            yield name, Seller(name, next(free), ledger, rng, 2 * plan.writing_pause, last).work
        for number in range(plan.helpers):
            name, last = f"h{number}", float(number == plan.helpers - 1)
            rng, pause = self._another(), 2 * plan.writing_pause
            yield name, Helper(name, next(free), ledger, rng, pause, mailbox, last).work
        for service, client in zip(self._estate.public, free, strict=True):
            yield f"r-{service}", Reader(service, client, ledger, plan.reading_pause).work

    def _suffer(self, fault: Fault, scene: Scene) -> Window:
        scene.last(self._plan.quiet)
        began = time.monotonic()
        fault.inflict(scene)
        inflicted = time.monotonic()
        recovery = self._watch.recovery(fault.touches, inflicted)
        # So that something is written and read after the recovery, too.
        scene.last(self._plan.quiet)
        self._watch.wait_for_use(fault, began)
        ended = time.monotonic()
        reads, trouble = self._watch.availability(fault, began, ended)
        trouble += [f"{name} was not ready again" for name, s in recovery.items() if s is None]
        return Window(
            fault.name,
            began=began - self._began,
            inflicted=inflicted - self._began,
            ended=ended - self._began,
            recovery=recovery,
            reads=reads,
            trouble=trouble,
        )

    def _settle(self) -> float | None:
        """Wait until every fact is published and settled; the seconds, None: not in time."""
        began = time.monotonic()
        while time.monotonic() - began < _SETTLE_SECONDS:
            # Twice: what has just settled at the end may have begun something anew before it.
            if not self._left() and not self._left():
                return time.monotonic() - began
        return None

    def _left(self) -> dict[str, int]:
        """What waits for its time or the router, in outboxes, before consumers, for webhooks and mail."""
        looks = (unreminded, unbroken, unrouted, unpublished, backlog, undelivered, unsent)
        return next(filter(None, (look(self._estate) for look in looks)), {})

    def _with_writes(self, window: Window) -> Window:
        """The window with what was written in it; known only when all writes are over."""
        begin, end = self._began + window.began, self._began + window.ended
        writes = [write for write in self._ledger.writes if write.was_sent_between(begin, end)]
        trouble = [*window.trouble, *(() if writes else ("nothing was written meanwhile",))]
        return replace(window, writes=counts(writes), trouble=trouble)

    def _result(
        self, began: datetime, settled: float | None, findings: Sequence[Finding]
    ) -> Result:
        writes = self._ledger.writes
        attempts = [attempt for write in writes for attempt in write.attempts]
        restarts = self._keeper.restarts
        trouble = []
        if settled is None:
            trouble.append(f"not settled after {_SETTLE_SECONDS:.0f} s: {self._left()}")
        return Result(
            seed=self._plan.seed,
            began=began,
            seconds=time.monotonic() - self._began,
            windows=[self._with_writes(window) for window in self._windows],
            writes=counts(writes),
            attempts=len(attempts),
            replays=sum(attempt.replayed for attempt in attempts),
            restarts={name: restarts.count(name) for name in sorted(set(restarts))},
            settled_after=settled,
            findings=findings,
            trouble=trouble,
        )
