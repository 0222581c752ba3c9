"""Wires what the desk knows: articles, and what customers own and are entitled to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chassis.domain import Conflict
from chassis.http.pages import Pages
from chassis.http.routes import Routes
from chassis.service import Service
from chassis.work.timers import Timer
from desk.article_feedback.api import article_feedback, feedback_of_article
from desk.article_pages.pages import article_pages
from desk.article_pages.visitors import Visitors
from desk.article_results.api import article_results
from desk.article_search.api import article_search
from desk.article_sections.api import article_sections
from desk.article_sections.storage import SECTION_KEY
from desk.article_suggestions.api import article_suggestions
from desk.articles.api import article_routes
from desk.articles.links import ArticleLinks
from desk.articles.storage import ARTICLE_KEY
from desk.asset_models.api import asset_models
from desk.asset_models.storage import MODEL_SKU
from desk.asset_orders.filling import ASSET_FILLING, filling_goes_on
from desk.asset_registrations.api import asset_registrations, registration_link_routes
from desk.asset_registrations.links import RegistrationLinks
from desk.asset_registrations.pages import registration_pages
from desk.assets.api import assets
from desk.assets.storage import ASSET_SERIAL
from desk.entitlements.api import entitlements
from desk.entitlements.operations import time_has_come
from desk.entitlements.timing import ENTITLEMENT_TIME
from desk.open_tenants import OpenTenants
from desk.service_products.api import service_products
from desk.service_products.storage import SERVICE_SKU
from desk.settings import DeskSettings
from desk.transaction import DeskTx

KNOWING_CONFLICTS: Mapping[str, Conflict] = {
    SECTION_KEY: Conflict("There is a section with this key already.", code="section_exists"),
    ARTICLE_KEY: Conflict("There is an article with this key already.", code="article_exists"),
    MODEL_SKU: Conflict("The product is a model already.", code="asset_model_exists"),
    SERVICE_SKU: Conflict(
        "The product is a service product already.", code="service_product_exists"
    ),
    ASSET_SERIAL: Conflict(
        "Another piece of the product has this serial number.", code="serial_taken"
    ),
}
KNOWING_TIMERS: Mapping[str, Callable[[DeskTx, Timer], object]] = {
    ASSET_FILLING: filling_goes_on,
    ENTITLEMENT_TIME: time_has_come,
}


def knowing_routes(service: Service[DeskTx], settings: DeskSettings) -> Sequence[Routes]:
    """The routes of articles, things and service contracts."""
    return (
        article_sections,
        article_routes(_article_links(settings)),
        article_search,
        article_feedback,
        article_results,
        article_suggestions,
        feedback_of_article,
        asset_models,
        assets,
        asset_registrations,
        service_products,
        entitlements,
        registration_link_routes(_registration_links(settings), service.clock),
    )


def knowing_pages(service: Service[DeskTx], settings: DeskSettings) -> Sequence[Pages]:
    """The public pages of articles, and of customers who register what they own."""
    tenants = OpenTenants(service.directory)
    visitors = Visitors(settings.sealing_secrets, settings.public_url)
    registering = _registration_links(settings)
    return (
        article_pages(service.operations, _article_links(settings), visitors, tenants),
        registration_pages(service.operations, registering, tenants, service.clock),
    )


def _article_links(settings: DeskSettings) -> ArticleLinks:
    return ArticleLinks(settings.sealing_secrets, settings.public_url)


def _registration_links(settings: DeskSettings) -> RegistrationLinks:
    return RegistrationLinks(settings.sealing_secrets, settings.public_url)
