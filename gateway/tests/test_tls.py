"""TLS with a certificate of one's own."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .conftest import StartGateway
from .stack import Gateway


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for localhost and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = tmp_path / "tls.crt", tmp_path / "tls.key"
    certificate_file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_file, key_file


@pytest.fixture
def tls_gateway(start_gateway: StartGateway, certificate: tuple[Path, Path]) -> Gateway:
    """A gateway that speaks TLS with that certificate."""
    certificate_file, key_file = certificate
    return start_gateway(
        scheme="https",
        RAPPORT_GATEWAY_TLS="{}",
        RAPPORT_GATEWAY_CERTIFICATE=str(certificate_file),
        RAPPORT_GATEWAY_CERTIFICATE_KEY=str(key_file),
    )


def test_a_configured_certificate_is_shown_and_https_is_demanded_from_then_on(
    tls_gateway: Gateway, certificate: tuple[Path, Path]
) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    url = tls_gateway.url.replace("127.0.0.1", "localhost")

    with httpx.Client(verify=trusting, trust_env=False) as client:
        response = client.get(f"{url}/v1/contacts/people")

    assert response.status_code == 200
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_old_versions_of_tls_are_refused(tls_gateway: Gateway) -> None:
    old = ssl.create_default_context()
    old.check_hostname = False
    old.verify_mode = ssl.CERT_NONE
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1

    with (
        httpx.Client(verify=old, trust_env=False) as client,
        pytest.raises(httpx.ConnectError),
    ):
        client.get(tls_gateway.url)


def test_without_a_certificate_nothing_demands_https(gateway: Gateway) -> None:
    assert "Strict-Transport-Security" not in gateway.client.get("/docs").headers
