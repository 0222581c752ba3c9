"""Who takes care of tickets: what they can do, what they serve, and whether they can now (DE-5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Violation

MOST_SKILLS = 100
MOST_LANGUAGES = 30
MOST_QUEUES_SERVED = 500
HIGHEST_LEVEL = 5
MOST_CAPACITY = 10_000
MOST_AGENTS = 20_000


class AgentStatus(StrEnum):
    """Whether somebody takes new tickets, as they say themselves."""

    AVAILABLE = "available"
    AWAY = "away"
    OFFLINE = "offline"


class Unavailable(StrEnum):
    """Why an agent can take nothing new now."""

    ARCHIVED = "archived"
    GONE = "gone"
    ABSENT = "absent"
    AWAY = "away"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Skill:
    """What somebody is good at, in the tenant's own word; level 5 is the best."""

    key: str
    level: int


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """What an administrator says of an agent.

    `capacity` is how many open tickets an agent has at most when tickets are handed out; those that
    wait for somebody else do not count. `en` is spoken by who speaks `en-GB`.
    """

    skills: tuple[Skill, ...] = ()
    languages: tuple[str, ...] = ()
    capacity: int = 10
    queue_ids: tuple[UUID, ...] = ()

    def level(self, key: str) -> int:
        """How good the agent is at something; 0 is not at all."""
        return max((one.level for one in self.skills if one.key == key), default=0)

    def speaks(self, language: str) -> bool:
        """Whether the agent can answer in a language; in an unknown one anybody can."""
        return not language or any(_same_language(language, one) for one in self.languages)


@dataclass(frozen=True, slots=True)
class Standing:
    """What an agent has said of themself: until when it holds, if that was said, and why."""

    status: AgentStatus = AgentStatus.OFFLINE
    until: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AgentAdded(Fact):
    """A user takes care of tickets from now on."""

    agent_id: UUID
    profile: AgentProfile


@dataclass(frozen=True, slots=True)
class AgentChanged(Fact):
    """What an agent can do, serves or has room for is different."""

    agent_id: UUID
    profile: AgentProfile


@dataclass(frozen=True, slots=True)
class AgentArchived(Fact):
    """A user takes care of no more tickets."""

    agent_id: UUID


@dataclass(frozen=True, slots=True)
class AgentRestored(Fact):
    """A user takes care of tickets again."""

    agent_id: UUID


@dataclass(frozen=True, slots=True)
class AgentStatusChanged(Fact):
    """An agent takes new tickets, or takes none for a while."""

    agent_id: UUID
    from_status: AgentStatus
    to_status: AgentStatus
    until: datetime | None


@dataclass(kw_only=True)
class Agent(Aggregate):
    """A user who takes care of tickets; the agent's id is the user's."""

    profile: AgentProfile
    standing: Standing
    status_since: datetime
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def add(self) -> None:
        """Say that somebody takes care of tickets. Raises `Invalid`."""
        require_sound(self.profile)
        self.record(AgentAdded(self.id, self.profile))

    def change(self, profile: AgentProfile, now: datetime) -> bool:
        """Be able to do something else from now on; tells whether anything differs. Raises `Invalid`."""
        require_sound(profile)
        if profile == self.profile:
            return False
        self.profile, self.updated_at = profile, now
        self.record(AgentChanged(self.id, profile))
        return True

    def stand(self, standing: Standing, now: datetime) -> bool:
        """Take new tickets, or none for a while; tells whether anything differs.

        Raises `Invalid` for an end that has passed, `Conflict` for who is archived.
        """
        if self.archived_at is not None:
            raise Conflict("The agent is archived.", code="agent_archived")
        if standing.until is not None and standing.until <= now:
            raise Invalid.at("/until", "until_passed", "It has to be later than now.")
        if standing == self.standing:
            return False
        before, self.standing, self.updated_at = self.standing.status, standing, now
        if before is not standing.status:
            self.status_since = now
        self.record(AgentStatusChanged(self.id, before, standing.status, standing.until))
        return True

    def time_is_up(self, now: datetime) -> bool:
        """Have what was said end, if it has; tells whether it did.

        Who was not there takes tickets again; who was, takes no more.
        """
        until = self.standing.until
        if until is None or until > now or self.archived_at is not None:
            return False
        was_there = self.standing.status is AgentStatus.AVAILABLE
        return self.stand(
            Standing(AgentStatus.OFFLINE if was_there else AgentStatus.AVAILABLE), now
        )

    def archive(self, now: datetime) -> bool:
        """Take care of no more tickets; tells whether that is new."""
        if self.archived_at is not None:
            return False
        self.archived_at = self.updated_at = self.status_since = now
        self.standing = Standing()
        self.record(AgentArchived(self.id))
        return True

    def restore(self, now: datetime) -> None:
        """Take care of tickets again, offline at first; nothing happens to who does."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(AgentRestored(self.id))


def require_sound(profile: AgentProfile) -> None:
    """Check a profile. Raises `Invalid` that names everything wrong."""
    wrong = tuple(_wrong(profile))
    if wrong:
        raise Invalid("Such an agent cannot be.", violations=wrong)


def _wrong(profile: AgentProfile) -> Iterator[Violation]:
    keys = [one.key for one in profile.skills]
    if len(set(keys)) < len(keys):
        yield Violation("/skills", "skill_repeated", "A skill is there twice.")
    if len(set(profile.languages)) < len(profile.languages):
        yield Violation("/languages", "language_repeated", "A language is there twice.")
    if len(set(profile.queue_ids)) < len(profile.queue_ids):
        yield Violation("/queue_ids", "queue_repeated", "A queue is there twice.")


def _same_language(wanted: str, spoken: str) -> bool:
    asked, known = wanted.casefold(), spoken.casefold()
    return asked == known or asked.startswith(f"{known}-") or known.startswith(f"{asked}-")
