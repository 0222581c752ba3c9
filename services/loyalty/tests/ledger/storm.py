"""Many threads move the points of few members at once, twice over, while connections are killed and time flies."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import psycopg

from chassis.clock import MovableClock
from chassis.domain import Conflict, Unavailable
from chassis.testing.harness import TestDatabase
from loyalty.ledger.domain import Posting
from services.loyalty.tests.builders import Loyalty, fire
from services.loyalty.tests.ledgering import Points

_KILL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE usename = 'loyalty_runtime' AND state <> 'idle' ORDER BY random() LIMIT 1
"""
_PATIENCE = 50

Act = tuple[str, UUID, str]
"""What is done, to whom, and by which cause."""


class Storm:
    """What is done, and what came of it: each cause counts once, by the answer that it got at last."""

    def __init__(self, points: Points, clock: MovableClock, members: int) -> None:
        self.points, self.clock = points, clock
        self.members = [points.member() for _ in range(members)]
        self.earnings: dict[UUID, list[str]] = {one: [] for one in self.members}
        self.reservations: dict[UUID, list[str]] = {one: [] for one in self.members}
        self.redemptions: dict[UUID, list[str]] = {one: [] for one in self.members}
        self.done: dict[Act, Posting] = {}
        self.asked: list[tuple[Act, Callable[[], Posting]]] = []
        self.answers: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._over = threading.Event()

    def rage(self, loyalty: Loyalty, database: TestDatabase, operations: int, threads: int) -> None:
        """Do so many operations, with killers, a clock and timers beside them."""
        beside = [
            threading.Thread(target=self._beside, args=(lambda: fire(loyalty), 10)),
            threading.Thread(
                target=self._beside, args=(lambda: self.clock.move(timedelta(minutes=20)), 10)
            ),
            threading.Thread(target=self._kill, args=(database,)),
        ]
        for each in beside:
            each.start()
        try:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(self._some, [operations // threads] * threads, range(threads)))
        finally:
            self._over.set()
            for each in beside:
                each.join()

    def _some(self, count: int, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - what is done next
        for number in range(count):
            member = chance.choice(self.members)
            if self.asked and chance.random() < 0.2:
                self._again(chance)
            else:
                self._one(chance, member, f"{seed}-{number}")

    def _one(self, chance: random.Random, member: UUID, key: str) -> None:
        """One operation by a cause of its own; it is told of once however often it has to be tried."""
        act = chance.choice(
            ("earn", "earn", "spend", "reserve", "redeem", "cancel", "reverse", "restore")
        )
        amount, points, now = chance.randint(1, 100), self.points, self.clock.now()
        if act == "earn":
            later = chance.choice((None, now + timedelta(hours=chance.randint(1, 9))))
            ends = chance.choice((None, now + timedelta(hours=chance.randint(10, 40))))
            more = {"pending_until": later, "expires_at": ends}
            call = lambda: points.earn(member, amount, key, **more)  # noqa: E731
        elif act in ("spend", "reserve"):
            call = lambda: getattr(points, act)(member, amount, key)  # noqa: E731
        else:
            before = {
                "redeem": self.reservations,
                "cancel": self.reservations,
                "reverse": self.earnings,
                "restore": self.redemptions,
            }[act][member]
            if not before:
                return
            about = chance.choice(before)
            call = lambda: getattr(points, act)(member, about, key)  # noqa: E731
        with self._lock:
            self.asked.append(((act, member, key), call))
        self._settle((act, member, key), call)

    def moved(self, member: UUID) -> Counter[str]:
        """How many points of a member each kind of act has moved, by the answers."""
        sums: Counter[str] = Counter()
        for (act, whose, _), posting in self.done.items():
            if whose == member:
                sums[act] += posting.points - posting.short
        return sums

    def _settle(self, act: Act, call: Callable[[], Posting]) -> Posting | None:
        posting = self._answer(call)
        if posting is not None:
            with self._lock:
                self._note(act, posting)
        return posting

    def _note(self, act: Act, posting: Posting) -> None:
        """Keep an answer; that to a cause which was answered before has to be the same."""
        kind, member, key = act
        before = self.done.setdefault(act, posting)
        assert (before.id, before.points) == (posting.id, posting.points)
        known = {"earn": self.earnings, "reserve": self.reservations}.get(kind)
        if kind in ("spend", "redeem"):
            known = self.redemptions
        if known is not None and before is posting:
            known[member].append(key)

    def _again(self, chance: random.Random) -> None:
        """Somebody else asks for the same, perhaps at this very moment."""
        with self._lock:
            act, call = chance.choice(self.asked[-50:])
        if self._settle(act, call) is not None:
            again = self._settle(act, call)
            assert again is not None
            assert not again.is_new
            self.answers["same"] += 1

    def _answer(self, call: Callable[[], Posting]) -> Posting | None:
        """What comes of it; None when it is refused. Who gets no answer asks again."""
        last = ""
        for _ in range(_PATIENCE):
            try:
                posting = call()
            except Unavailable as gone:
                self.answers["killed"] += 1
                last = f"{gone.code}: {gone.__cause__!r}"
            except Conflict as refusal:
                if refusal.retry_after is None:
                    self.answers[refusal.code] += 1
                    return None
                last = refusal.message
            else:
                self.answers["done"] += 1
                return posting
        raise AssertionError(f"there was never an answer: {last}")

    def _beside(self, act: Callable[[], object], every: int) -> None:
        """Act whenever so many more operations are done: however slow the machine, they get on."""
        done = 0
        while not self._over.wait(0.01):
            if self.answers["done"] >= done + every:
                done = self.answers["done"]
                act()

    def _kill(self, database: TestDatabase) -> None:
        with psycopg.connect(database.admin_url, autocommit=True) as admin:
            self._beside(lambda: admin.execute(_KILL), 20)
