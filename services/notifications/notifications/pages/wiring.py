"""Declares the public pages."""

from __future__ import annotations

from chassis.http.pages import Pages
from chassis.storage.unit_of_work import Operations
from notifications.delivery.public_links import CLICKED, OPENED, PREFERENCES, PREFIX, UNSUBSCRIBE
from notifications.delivery.recipients import Recipients
from notifications.pages.callbacks import Callbacks
from notifications.pages.preferences import Preferences
from notifications.pages.site import HEADERS, refuse
from notifications.pages.tracking import Tracking
from notifications.pages.unsubscribing import Unsubscribing
from notifications.secrecy import Secrecy
from notifications.transaction import NotificationsTx

# Providers, and whoever loads pictures for the readers of mail, call for many from few addresses.
_FOR_MANY = 20
_SIGNED = "the link itself is signed, and readers of mail have no account here"


def public_pages(
    operations: Operations[NotificationsTx],
    secrecy: Secrecy,
    recipients: Recipients,
    public_url: str,
) -> tuple[Pages, ...]:
    """The pages that links in messages lead to, and where providers report."""
    links = secrecy.links
    pages = Pages("messages", refuse, headers=dict(HEADERS))
    tracked = Pages("tracking", refuse, headers=dict(HEADERS), limit_times=_FOR_MANY)
    reported = Pages("callbacks", refuse, headers=dict(HEADERS), limit_times=_FOR_MANY)
    unsubscribing = Unsubscribing(operations, links)
    preferences = Preferences(operations, links, recipients)
    tracking = Tracking(operations, links)
    for name, get, post in (
        (UNSUBSCRIBE, unsubscribing.show, unsubscribing.unsubscribe),
        (PREFERENCES, preferences.show, preferences.save),
    ):
        path = f"{PREFIX}/{name}/<token>"
        pages.page(path, "GET", public_because=_SIGNED)(get)
        pages.page(path, "POST", public_because=_SIGNED)(post)
    tracked.page(f"{PREFIX}/{OPENED}/<token>", public_because=_SIGNED)(tracking.opened)
    tracked.page(f"{PREFIX}/{CLICKED}/<token>", public_because=_SIGNED)(tracking.clicked)
    callbacks = Callbacks(operations, secrecy, public_url)
    reported.page(
        f"{PREFIX}/providers/<uuid:tenant_id>/<uuid:provider_id>/events",
        "POST",
        public_because="providers sign what they tell, and have no account here",
    )(callbacks.report)
    return pages, tracked, reported
