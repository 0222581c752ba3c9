"""What customers register, and what users decide about it; each function is one transaction."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from chassis.domain import Conflict, Invalid
from desk.asset_models.domain import AssetModel, RegistrationMode
from desk.asset_models.storage import model_by_sku
from desk.asset_registrations.domain import (
    MOST_A_DAY,
    AssetRegistration,
    Claim,
    RegistrationChannel,
    RegistrationStatus,
    WaitingCause,
)
from desk.assets.domain import Asset, AssetDetails, AssetSource, AssetStatus, Owner
from desk.assets.operations import add_asset
from desk.assets.storage import ASSET_SERIAL
from desk.people.named import PEOPLE
from desk.tenant_days.domain import months_after
from desk.tenant_days.zones import day_of, zone_of
from desk.transaction import DeskTx

_BY_ITSELF = "service:desk"


def register_asset(
    tx: DeskTx, person_id: UUID, claim: Claim, channel: RegistrationChannel
) -> AssetRegistration:
    """Take what a customer says is theirs, at once or to be looked at.

    What the same one says again while it waits is the same registration. Raises `Invalid`, `Conflict`
    for too many a day.
    """
    now = tx.clock.now()
    model = _registrable(tx, claim)
    claim.require_possible(day_of(now, zone_of(tx)))
    person = PEOPLE.current(tx, person_id)
    made = tx.asset_registrations.counted_since(person, now - timedelta(days=1))
    known = tx.asset_registrations.waiting(person, claim)
    if known is not None:
        return tx.asset_registrations.get(known)
    if made >= MOST_A_DAY:
        message = f"One registers at most {MOST_A_DAY} things a day."
        raise Conflict(message, code="asset_registrations_too_many", retry_after=3600)
    tx.try_again_on(ASSET_SERIAL)
    asset = tx.assets.by_serial(claim.product_sku, claim.serial_key)
    cause = _cause(model, claim, asset, person)
    registration = AssetRegistration(
        id=tx.ids.new(), claim=claim, person_id=person, channel=channel, received_at=now
    )
    registration.receive(cause)
    if cause is WaitingCause.NONE:
        theirs = asset or _added(tx, model, claim, person)
        registration.accept(theirs.id, _BY_ITSELF, now)
    tx.asset_registrations.add(registration)
    return registration


def accept_registration(tx: DeskTx, asset_registration_id: UUID) -> AssetRegistration:
    """Have a thing be whose it was said to be, whoever had it before. Raises `NotFound`, `Conflict`."""
    registration = tx.asset_registrations.get(asset_registration_id)
    person, claim, now = registration.person_id, registration.claim, tx.clock.now()
    if registration.status is RegistrationStatus.WAITING and person is None:
        message = "Whoever registered it is erased."
        raise Conflict(message, code="asset_registration_without_person")
    if registration.status is not RegistrationStatus.WAITING or person is None:
        registration.accept(registration.id, tx.caller.actor, now)  # raises
        return registration
    tx.try_again_on(ASSET_SERIAL)
    asset = tx.assets.by_serial(claim.product_sku, claim.serial_key)
    if asset is None:
        asset = _added(tx, model_by_sku(tx, claim.product_sku), claim, person)
    elif asset.owner.person_id != person or asset.status is not AssetStatus.ACTIVE:
        asset.transfer(Owner(person), AssetSource.REGISTRATION, now)
    registration.accept(asset.id, tx.caller.actor, now)
    return registration


def reject_registration(tx: DeskTx, asset_registration_id: UUID, reason: str) -> AssetRegistration:
    """Not take a thing to be whose it was said to be. Raises `NotFound`, `Conflict`."""
    registration = tx.asset_registrations.get(asset_registration_id)
    registration.reject(reason, tx.caller.actor, tx.clock.now())
    return registration


def _registrable(tx: DeskTx, claim: Claim) -> AssetModel:
    model = model_by_sku(tx, claim.product_sku)
    if model is None or model.terms.registration is RegistrationMode.OFF:
        message = "Customers do not register this product themselves."
        raise Invalid.at("/product_sku", "product_not_registrable", message)
    return model


def _cause(model: AssetModel, claim: Claim, asset: Asset | None, person_id: UUID) -> WaitingCause:
    """Why somebody has to look at it, if anybody has."""
    if asset is not None:
        is_theirs = asset.owner.person_id == person_id and asset.status is AssetStatus.ACTIVE
        return WaitingCause.NONE if is_theirs else WaitingCause.SERIAL_TAKEN
    if model.terms.registration is RegistrationMode.REVIEW:
        return WaitingCause.REVIEW
    return WaitingCause.NONE if claim.is_proved else WaitingCause.PROOF_MISSING


def _added(tx: DeskTx, model: AssetModel | None, claim: Claim, person_id: UUID) -> Asset:
    months = 0 if model is None else model.terms.warranty_months
    bought_on = claim.bought_on
    details = AssetDetails(
        product_sku=claim.product_sku,
        name=claim.product_sku if model is None else model.terms.name,
        model="" if model is None else model.terms.model,
        serial_number=claim.serial_number,
        bought_on=bought_on,
        warranty_until=months_after(bought_on, months) if months and bought_on else None,
    )
    return add_asset(tx, details, Owner(person_id), source=AssetSource.REGISTRATION)
