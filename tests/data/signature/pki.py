"""The test PKI: invented authorities and agencies. The keys live in memory while make.py runs and are kept nowhere."""
import datetime
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

FROM, UNTIL = datetime.datetime(2024, 1, 1), datetime.datetime(2044, 1, 1)
REVOKED_AT = datetime.datetime(2026, 3, 1)
PEM = serialization.Encoding.PEM
USAGES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
          "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")


def usage(*given):
    return x509.KeyUsage(**{name: name in given for name in USAGES})


def name_of(cn, unit):
    parts = [(NameOID.COUNTRY_NAME, "VN"), (NameOID.ORGANIZATION_NAME, "axisd test PKI, nobody's"), (NameOID.COMMON_NAME, cn)]
    if unit:
        parts.insert(2, (NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def new_key(kind):
    return ec.generate_private_key(kind()) if isinstance(kind, type) else rsa.generate_private_key(65537, kind)


class Party:
    """A key and its certificate."""

    def __init__(self, cn, issuer=None, unit="", key=2048, ca=False, usages=("digital_signature", "content_commitment"),
                 extended=(), critical=False, since=FROM, until=UNTIL, path=None):
        self.key, self.name = new_key(key), name_of(cn, unit)
        signer = issuer or self
        public = self.key.public_key()
        builder = (x509.CertificateBuilder().subject_name(self.name).issuer_name(signer.name).public_key(public)
                   .serial_number(int.from_bytes(hashlib.sha256(cn.encode()).digest()[:8], "big")).not_valid_before(since).not_valid_after(until)
                   .add_extension(x509.BasicConstraints(ca=ca, path_length=path), critical=True)
                   .add_extension(usage("key_cert_sign", "crl_sign") if ca else usage(*usages), critical=True)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
                   .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()), critical=False))
        if extended:
            builder = builder.add_extension(x509.ExtendedKeyUsage(extended), critical=critical)
        self.certificate = builder.sign(signer.key, hashes.SHA256())
        self.der = self.certificate.public_bytes(serialization.Encoding.DER)

    def pem(self):
        return self.certificate.public_bytes(PEM)

    def private_pem(self):
        return self.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def der(tag, *content):
    body = b"".join(content)
    size = len(body).to_bytes(4, "big").lstrip(b"\0")
    return bytes([tag]) + (bytes([len(body)]) if len(body) < 128 else bytes([128 + len(size)]) + size) + body


def signed_by_sha1(party, issuer):
    """The same certificate under a SHA-1 signature: libraries do not make these any more."""
    sha256, sha1 = (bytes.fromhex("300d06092a864886f70d0101") + last + b"\x05\0" for last in (b"\x0b", b"\x05"))
    tbs = party.certificate.tbs_certificate_bytes.replace(sha256, sha1)
    value = issuer.key.sign(tbs, padding.PKCS1v15(), hashes.SHA1())
    party.der = der(0x30, tbs, sha1, der(0x03, b"\0" + value))
    party.certificate = x509.load_der_x509_certificate(party.der)
    return party


def revoked(issuer, parties=(), last=datetime.datetime(2026, 4, 1), until=UNTIL, key=None):
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.name).last_update(last).next_update(until)
    for party in parties:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(party.certificate.serial_number).revocation_date(REVOKED_AT).build())
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
    builder = builder.add_extension(x509.CRLNumber(1), critical=False)
    return builder.sign(key or issuer.key, hashes.SHA256()).public_bytes(PEM)


class Pki:
    def __init__(self):
        root = self.root = Party("Test root", ca=True)
        sub = self.sub = Party("Test issuer", root, ca=True, path=0)
        self.g98 = Party("Agency 98", sub, "G98")
        self.g98_p256 = Party("Agency 98 P-256", sub, "G98", key=ec.SECP256R1)
        self.g98_p384 = Party("Agency 98 P-384", sub, "G98", key=ec.SECP384R1)
        self.g98_p521 = Party("Agency 98 P-521", sub, "G98", key=ec.SECP521R1)
        self.g98_3072 = Party("Agency 98 for documents", sub, "G98", key=3072, extended=[x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")])
        self.g99 = Party("Agency 99", sub, "G99")
        self.clerk = Party("Clerk of agency 97", sub)  # no OU: bound by bindings.toml alone
        self.expired = Party("Agency 98 expired", sub, "G98", until=datetime.datetime(2025, 1, 1))
        self.future = Party("Agency 98 future", sub, "G98", since=datetime.datetime(2040, 1, 1))
        self.revoked = Party("Agency 98 revoked", sub, "G98")
        self.for_keys = Party("Agency 98 for keys", sub, "G98", usages=("key_encipherment",))
        self.for_servers = Party("Agency 98 for servers", sub, "G98", extended=[ExtendedKeyUsageOID.SERVER_AUTH])
        self.short = Party("Agency 98 short key", sub, "G98", key=1024)
        self.sha1 = signed_by_sha1(Party("Agency 98 by SHA-1", sub, "G98"), sub)
        self.alone = Party("Agency 98 alone", unit="G98")  # signs itself; trust.toml may pin it
        self.by_leaf = Party("Agency 98 by an agency", self.g99, "G98")
        self.rogue_root = Party("Test root", ca=True)  # the same name, another key
        self.rogue = Party("Agency 98 rogue", self.rogue_root, "G98")
        stamps = {"usages": ("digital_signature",), "extended": [ExtendedKeyUsageOID.TIME_STAMPING], "critical": True}
        self.tsa = Party("Time stamps", sub, **stamps)
        self.rogue_tsa = Party("Time stamps of nobody", self.rogue_root, **stamps)
        self.short_rogue = Party("Agency 98 short rogue", self.rogue_root, "G98", key=1024)
