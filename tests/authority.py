"""A timestamp authority for tests: certificates made here, tokens made by `openssl ts`."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)
_CONFIGURATION = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """root -> office -> tokens; each certificate valid from a day ago, the office's until `until`."""

    def __init__(
        self,
        folder: Path,
        *,
        name: str = "Clockhouse",
        since: datetime | None = None,
        until: datetime | None = None,
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING,
        host: str = "",
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._root_key, self._office_key = (ec.generate_private_key(ec.SECP256R1()) for _ in "ab")
        self.name = name
        self.root = self._certify(f"{name} root", f"{name} root", self._root_key, authority=True)
        self.office = self._certify(
            f"{name} office",
            f"{name} root",
            self._office_key,
            since=since,
            until=until,
            usage=usage,
            host=host,
        )
        self._write("root.pem", self.root.public_bytes(serialization.Encoding.PEM))
        self._write("office.pem", self.office.public_bytes(serialization.Encoding.PEM))
        key = self._office_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        self._write("office.key", key)
        self._write("serial", b"01\n")
        self._write("ts.cnf", _CONFIGURATION.format(folder=folder).encode())

    @property
    def roots(self) -> Path:
        return self.folder / "root.pem"

    def _write(self, name: str, content: bytes) -> Path:
        (self.folder / name).write_bytes(content)
        return self.folder / name

    def _certify(
        self, subject, issuer, key, *, authority=False, since=None, until=None, usage=None, host=""
    ):
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name(issuer))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(since or now() - DAY)
            .not_valid_after(until or now() + 365 * DAY)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if usage is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
        if host:
            names = x509.SubjectAlternativeName([x509.DNSName(host)])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._root_key, hashes.SHA256())

    def cross_signed(self, by: Authority) -> x509.Certificate:
        """Another certificate for this root's name and key, issued by another authority's root."""
        own = self._certify
        self_key, self._root_key = self._root_key, by._root_key
        try:
            return own(f"{self.name} root", f"{by.name} root", self_key, authority=True)
        finally:
            self._root_key = self_key

    def revocation_list(
        self, *, revoked: datetime | None = None, reason: x509.ReasonFlags | None = None
    ) -> Path:
        """Its list, in which the office is revoked since that time, if any is given."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.root.subject)
            .last_update(now())
            .next_update(now() + 30 * DAY)
        )
        if revoked is not None:
            entry = (
                x509.RevokedCertificateBuilder()
                .serial_number(self.office.serial_number)
                .revocation_date(revoked)
            )
            if reason is not None:
                entry = entry.add_extension(x509.CRLReason(reason), critical=False)
            builder = builder.add_revoked_certificate(entry.build())
        content = builder.sign(self._root_key, hashes.SHA256()).public_bytes(
            serialization.Encoding.PEM
        )
        return self._write("office.crl", content)

    def reply(self, request: bytes, *more: x509.Certificate) -> bytes:
        """A token for the request, as the authority would send it, perhaps with more certificates in it."""
        (self.folder / "in.tsq").write_bytes(request)
        words = ["-queryfile", "in.tsq", "-signer", "office.pem", "-inkey", "office.key"]
        if more:
            pems = [one.public_bytes(serialization.Encoding.PEM) for one in more]
            self._write("more.pem", b"".join(pems))
            words += ["-chain", "more.pem"]
        self._openssl(*words)
        return (self.folder / "out.tsr").read_bytes()

    def _openssl(self, *arguments: str) -> None:
        done = subprocess.run(
            ["openssl", "ts", "-reply", "-config", "ts.cnf", *arguments, "-out", "out.tsr"],
            cwd=self.folder,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr


# A reply without a token: status 2 (rejection), with a text (RFC 3161, section 2.4.2).
REJECTED = bytes.fromhex("300f300d0201023008 0c06") + b"closed"
