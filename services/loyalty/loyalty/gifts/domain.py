"""What members are given for a recommendation or on a day that matters: points, and other things."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from chassis.domain import Violation
from loyalty.recognitions.domain import RecognitionTerms

MOST_POINTS = 10_000_000
MOST_DAYS = 3_660


@dataclass(frozen=True, slots=True)
class Gift:
    """What is given; nothing at all is a gift, too.

    Points count after `pending_days`. `coupon_pool_id` is the pool that a coupon is issued of.
    """

    points: int = 0
    pending_days: int = 0
    coupon_pool_id: UUID | None = None
    recognition: RecognitionTerms | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to give."""
        return not self.points and self.coupon_pool_id is None and self.recognition is None

    def wrong(self, pointer: str) -> Iterator[Violation]:
        """What cannot be, below `pointer`."""
        if not 0 <= self.points <= MOST_POINTS:
            message = f"A gift is 0 to {MOST_POINTS} points."
            yield Violation(f"{pointer}/points", "points_impossible", message)
        if not 0 <= self.pending_days <= MOST_DAYS:
            message = f"Points wait for 0 to {MOST_DAYS} days."
            yield Violation(f"{pointer}/pending_days", "days_impossible", message)
        days = None if self.recognition is None else self.recognition.days
        if days is not None and not 1 <= days <= MOST_DAYS:
            message = f"A recognition holds for 1 to {MOST_DAYS} days."
            yield Violation(f"{pointer}/recognition/days", "days_impossible", message)


NOTHING = Gift()


@dataclass(frozen=True, slots=True)
class Given:
    """What was given in the end."""

    points: int = 0
    coupon_id: UUID | None = None
    recognition_id: UUID | None = None


GIVEN_NOTHING = Given()
