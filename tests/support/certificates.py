"""A certificate authority of the tests' own, and what it issues."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.x509.oid import NameOID


class Authority:
    """`file` is what a client has to trust."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "authority.pem"
        self._key = generate_private_key(SECP256R1())
        self._name = _named("Brevdue test authority")
        certificate = (
            _begun(self._name, self._key)
            .issuer_name(self._name)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, name: str, *, ends: datetime | None = None) -> SSLContext:
        """For a server of that name, which this authority vouches for."""
        key = generate_private_key(SECP256R1())
        begun = _begun(_named(name), key, ends).issuer_name(self._name)
        return _context(self.folder, begun.add_extension(_alternative(name), False), key, self._key)

    def self_signed(self, name: str) -> SSLContext:
        """For a server that vouches for itself."""
        key = generate_private_key(SECP256R1())
        begun = _begun(_named(name), key).issuer_name(_named(name))
        return _context(self.folder, begun.add_extension(_alternative(name), False), key, key)


def _begun(
    subject: x509.Name, key: EllipticCurvePrivateKey, ends: datetime | None = None
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(ends or now + timedelta(days=30))
    )


def _context(
    folder: Path,
    begun: x509.CertificateBuilder,
    key: EllipticCurvePrivateKey,
    signer: EllipticCurvePrivateKey,
) -> SSLContext:
    certificate = begun.sign(signer, hashes.SHA256())
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _alternative(name: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.DNSName(name)])
