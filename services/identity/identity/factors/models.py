"""Second factors as JSON: what comes in over REST and what goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.domain import Invalid
from chassis.http.body import Body, Patch
from identity.domain import LONGEST_NAME
from identity.factors.domain import FactorKind
from identity.factors.enrolment import Shown
from identity.factors.proving import Given

Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Code = Annotated[str, Field(min_length=1, max_length=60)]
Secret = Annotated[str, Field(min_length=1, max_length=1_000)]


class ProofIn(Body):
    """Shows that it is the user who asks, and not whoever has got hold of a token; one of these.

    `code` is what an app shows, or a recovery code. `passkey` is the answer to a challenge
    (`PublicKeyCredential.toJSON()`), with the challenge's id. `password` is for users without a
    second factor.
    """

    code: Code | None = None
    passkey: dict[str, Any] | None = None
    challenge_id: UUID | None = None
    password: Secret | None = None

    def given(self) -> Given:
        """What is given. Raises `Invalid` unless it is one thing."""
        if sum(one is not None for one in (self.code, self.passkey, self.password)) != 1:
            raise Invalid.at(
                "/proof",
                "proof_missing",
                "Give one of code, passkey (with challenge_id), password.",
            )
        if self.passkey is not None and self.challenge_id is None:
            raise Invalid.at(
                "/proof/challenge_id", "required", "A passkey answers a challenge: say which."
            )
        return Given(self.password, self.code, self.passkey, self.challenge_id)


class ProvenIn(Body):
    """A change that takes a proof."""

    proof: ProofIn


class FactorIn(Body):
    """A factor that was begun, and what shows that it works: the app's code, or a passkey's answer."""

    enrolment_id: UUID
    name: Name
    code: Code | None = None
    credential: dict[str, Any] | None = None

    def shown(self) -> Shown:
        """What is shown. Raises `Invalid` unless it is one thing."""
        if (self.code is None) == (self.credential is None):
            raise Invalid.at("/code", "one_of", "Give either the code or the credential.")
        return Shown(self.enrolment_id, self.name, self.code, self.credential)


class FactorPatch(Patch):
    name: Name = ""


class FactorOut(BaseModel):
    """A second factor. `synced` says of a passkey that it is in several devices at once."""

    id: UUID
    version: int
    kind: FactorKind
    name: str
    synced: bool | None
    created_at: datetime
    last_used_at: datetime | None


class AddedFactorOut(FactorOut):
    """A new factor; with the first one come recovery codes, which are shown only now."""

    recovery_codes: list[str] | None


class TotpEnrolmentOut(BaseModel):
    """What an authenticator app has to be told: shown only now, and kept once a code was right."""

    enrolment_id: UUID
    secret: str
    uri: str
    qr_svg: str
    expires_at: datetime


class PasskeyEnrolmentOut(BaseModel):
    """What `navigator.credentials.create` is given (`PublicKeyCredentialCreationOptionsJSON`)."""

    enrolment_id: UUID
    options: dict[str, Any]
    expires_at: datetime


class ChallengeOut(BaseModel):
    """What `navigator.credentials.get` is given (`PublicKeyCredentialRequestOptionsJSON`)."""

    challenge_id: UUID
    options: dict[str, Any]
    expires_at: datetime


class RecoveryCodesOut(BaseModel):
    """How many recovery codes still work, and when they were made."""

    left: int
    made_at: datetime | None


class NewRecoveryCodesOut(BaseModel):
    """New recovery codes, which are shown only now; those from before work no more."""

    codes: list[str]


class ResetOut(BaseModel):
    """How many factors were taken away."""

    removed: int
