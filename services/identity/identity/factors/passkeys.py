"""Passkeys (WebAuthn, Level 3) as the second factor: what a browser is asked, and what its answer is worth."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from chassis.domain import Invalid
from identity.factors.domain import Passkey, WrongFactor

log = logging.getLogger("identity.factors")

_REFUSED = "The passkey was not accepted."
_PATIENCE_MS = 300_000
_CHALLENGE = 32


def new_challenge() -> bytes:
    """Random bytes for one answer."""
    return secrets.token_bytes(_CHALLENGE)


class RelyingParty:
    """This platform as browsers know it: by the host and the origin of its own address.

    Users are not asked for a fingerprint or a PIN if their authenticator does not want it: the
    password has come before.
    """

    def __init__(self, public_url: str) -> None:
        parts = urlsplit(public_url)
        self.id = parts.hostname or ""
        self.origin = f"{parts.scheme}://{parts.netloc}"

    def creation_options(
        self,
        challenge: bytes,
        user_id: UUID,
        email: str,
        name: str,
        known: Iterable[Passkey],
    ) -> dict[str, Any]:
        """What `navigator.credentials.create` is given; the passkeys known are not made twice."""
        options = generate_registration_options(
            rp_id=self.id,
            rp_name="Rapport",
            user_id=user_id.bytes,
            user_name=email,
            user_display_name=name,
            challenge=challenge,
            timeout=_PATIENCE_MS,
            exclude_credentials=_descriptors(known),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
        )
        return _plain(options_to_json(options))

    def request_options(self, challenge: bytes, known: Iterable[Passkey]) -> dict[str, Any]:
        """What `navigator.credentials.get` is given."""
        options = generate_authentication_options(
            rp_id=self.id,
            challenge=challenge,
            timeout=_PATIENCE_MS,
            allow_credentials=_descriptors(known),
            user_verification=UserVerificationRequirement.PREFERRED,
        )
        return _plain(options_to_json(options))

    def made(self, credential: dict[str, Any], challenge: bytes) -> Passkey:
        """The new passkey of an answer. Raises `Invalid` for one that was not asked for here."""
        try:
            verified = verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=self.origin,
            )
        except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
            log.info("a new passkey was refused", extra={"reason": type(error).__name__})
            raise Invalid.at("/credential", "passkey_refused", _REFUSED) from None
        synced = verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE
        return Passkey(
            verified.credential_id, verified.credential_public_key, verified.sign_count, synced
        )

    def used(self, passkey: Passkey, credential: dict[str, Any], challenge: bytes) -> Passkey:
        """The passkey after a use. Raises `WrongFactor`, also for a counter that did not go on.

        A counter that stands still or goes back means that there is a copy of the passkey
        (WebAuthn, 6.1.1); those that never count give 0.
        """
        try:
            verified = verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=self.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
            )
        except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("a passkey was refused", extra={"reason": type(error).__name__})
            raise WrongFactor(_REFUSED) from None
        return replace(passkey, sign_count=verified.new_sign_count)


def credential_id_of(credential: dict[str, Any]) -> bytes | None:
    """Which passkey an answer says that it is of."""
    given = credential.get("id")
    if not isinstance(given, str) or not 0 < len(given) <= 1_400 or not given.isascii():
        return None
    try:
        return base64url_to_bytes(given)
    except ValueError:
        return None


def _descriptors(known: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=passkey.credential_id) for passkey in known]


def _plain(text: str) -> dict[str, Any]:
    options: dict[str, Any] = json.loads(text)
    return options
