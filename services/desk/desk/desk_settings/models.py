"""Settings of the desk as the REST face takes and shows them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from chassis.http.body import Body
from desk.desk_settings.domain import (
    BROKEN_PROMISE,
    CLOSE_AFTER_DAYS,
    DEFAULT_LANGUAGE,
    MOST_DAYS,
    NUMBER_PREFIX,
    Preferences,
    TenantSettings,
)
from desk.names import Language
from desk.service_levels.domain import Escalation
from desk.service_levels.models import EscalationModel, EscalationOut

_BROKEN_PROMISE = EscalationModel(raise_priority_to=BROKEN_PROMISE.raise_priority_to)


class DeskSettingsIn(Body):
    """How the desk works.

    Numbers of new tickets begin with `number_prefix`; what is resolved closes after so many days;
    whoever speaks no language that is known is written to in `default_language`. With a ticket of which
    a promise is broken is done what `broken_promise` says.
    """

    number_prefix: Annotated[str, Field(pattern="^[A-Z][A-Z0-9]{0,9}$")] = NUMBER_PREFIX
    close_after_days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = CLOSE_AFTER_DAYS
    default_language: Language = DEFAULT_LANGUAGE
    broken_promise: EscalationModel = _BROKEN_PROMISE


class DeskSettingsOut(BaseModel):
    """The settings."""

    version: int
    number_prefix: str
    close_after_days: int
    default_language: str
    broken_promise: EscalationOut


def preferences_in(body: DeskSettingsIn) -> Preferences:
    """What a body chooses."""
    escalation = Escalation(**body.broken_promise.model_dump())
    return Preferences(body.number_prefix, body.close_after_days, body.default_language, escalation)


def shown(settings: TenantSettings) -> dict[str, Any]:
    """The settings as the API shows them."""
    chosen = settings.preferences
    return {
        "version": settings.version,
        "number_prefix": chosen.number_prefix,
        "close_after_days": chosen.close_after_days,
        "default_language": chosen.default_language,
        "broken_promise": {
            name: getattr(chosen.broken_promise, name) for name in EscalationOut.model_fields
        },
    }
