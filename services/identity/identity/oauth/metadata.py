"""The discovery document: what the provider offers and where (OpenID Connect Discovery, RFC 8414)."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc8628 import DEVICE_CODE_GRANT_TYPE

from identity.pages.words import LANGUAGES

_SECRETS = ["client_secret_basic", "client_secret_post"]
_ALL = [*_SECRETS, "none"]
_CLAIMS = (
    "iss sub aud exp iat auth_time nonce sid tid amr at_hash name locale zoneinfo updated_at email"
    " email_verified"
).split()


def metadata(public_url: str) -> dict[str, Any]:
    """The document, the same for both addresses that it is published under."""
    return {
        "issuer": public_url,
        "authorization_endpoint": f"{public_url}/oauth/authorize",
        "token_endpoint": f"{public_url}/oauth/token",
        "userinfo_endpoint": f"{public_url}/oauth/userinfo",
        "jwks_uri": f"{public_url}/.well-known/jwks.json",
        "revocation_endpoint": f"{public_url}/oauth/revoke",
        "introspection_endpoint": f"{public_url}/oauth/introspect",
        "device_authorization_endpoint": f"{public_url}/oauth/device",
        "end_session_endpoint": f"{public_url}/oauth/logout",
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [
            "authorization_code",
            "client_credentials",
            "refresh_token",
            DEVICE_CODE_GRANT_TYPE,
        ],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": _ALL,
        "revocation_endpoint_auth_methods_supported": _ALL,
        "introspection_endpoint_auth_methods_supported": _SECRETS,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent"],
        "claims_supported": _CLAIMS,
        "ui_locales_supported": list(LANGUAGES),
        "authorization_response_iss_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "claims_parameter_supported": False,
    }
