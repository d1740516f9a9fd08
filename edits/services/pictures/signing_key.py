"""The installation's key for content credentials: made at first use, in DATA_DIR/credentials/signing.pem.

The file holds the key (PKCS#8) and then its certificates, the root last.  An operator may put another key there; all
machines that serve pictures should have the same one.  It is not in backups: a new one only means that files signed
with the old one are no longer recognized as this installation's.
"""

import fcntl
import os
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings

FROM, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)
"""Without a timestamp authority a signature is only as valid as its certificate, so that one lasts."""
CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


class UnusableKey(ValueError):
    """The file holds no key and certificates that can sign."""


@dataclass(frozen=True)
class SigningKey:
    """All in PEM: ``chain`` is the leaf and what is between it and ``root``, which vouches for it."""

    algorithm: str
    key: bytes
    chain: bytes
    root: bytes


def signing_key() -> SigningKey:
    """The key of this installation.  Raises UnusableKey; OSError if it can neither be read nor be made."""
    return _read(_kept(Path(settings.DATA_DIR) / "credentials" / "signing.pem"))


def _kept(path: Path) -> bytes:
    """What the file holds; of two processes that start together, one writes it and the other waits and reads it."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        data = b""
    if data:
        return data
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        data = file.read()
        if not data:
            data = _made()
            file.write(data)
            file.flush()
            os.fsync(handle)
    return data


def _read(data: bytes) -> SigningKey:
    try:
        key = serialization.load_pem_private_key(data, password=None)
        certificates = [each.public_bytes(Encoding.PEM) for each in x509.load_pem_x509_certificates(data)]
    except (ValueError, TypeError) as error:
        raise UnusableKey("It is no unencrypted key with its certificates in PEM.") from error
    return SigningKey(
        algorithm=_algorithm(key),
        key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        chain=b"".join(certificates[:-1] or certificates),
        root=certificates[-1],
    )


def _algorithm(key: object) -> str:
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in CURVES:
        return CURVES[key.curve.name]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, rsa.RSAPrivateKey):
        return "ps256"
    raise UnusableKey("Its kind of key cannot sign content credentials.")


def _made() -> bytes:
    """A new root, whose key is thrown away once it has vouched for the leaf, and the leaf with its key."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    installation = uuid.uuid4().hex[:12]
    root_name = _name(f"Retake root {installation}")
    root = (
        _certificate(root_name, root_name, root_key, root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        _certificate(_name(f"Retake {installation}"), root_name, key, root_key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + leaf.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM)


def _name(common: str) -> x509.Name:
    """The organization is what viewers show as the issuer."""
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Retake (self-hosted)")
    return x509.Name([organization, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> x509.CertificateBuilder:
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(identifier, critical=False)
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        key_cert_sign=certificates,
        crl_sign=certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
