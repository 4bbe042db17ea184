#!/usr/bin/env python3
"""Makes the corpus beside it anew: PKI, signed envelopes, outcomes.tsv. Needs xmlsec1 and python3-cryptography.

Everything changes with each run, since no key is kept: run it when a case is added, and commit the whole.
"""
import base64
import datetime
import pathlib
import re
import shutil
import sys

sys.dont_write_bytecode = True
import documents  # noqa: E402
import pki  # noqa: E402
from envelopes import (DS, ENVELOPED, EXCLUSIVE, INCLUSIVE, MORE, PLACE, TEXT, Form, certificates, document, signed,  # noqa: E402
                       stamped, status, trace, values)

HERE = pathlib.Path(__file__).resolve().parent
P = pki.Pki()
G98 = Form(P.g98)
PLAIN = signed(document(), G98)
XPATH = ('<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath>not(ancestor-or-self::*[local-name()="Subject"])'
         "</XPath></Transform>")
COMMENTS = INCLUSIVE + "#WithComments"


def swapped(text, old, new):
    """Exactly one place of the text, changed after it was signed."""
    if text.count(old) != 1:
        raise SystemExit(f"{text.count(old)} times: {old}")
    return text.replace(old, new)


def value_of(text, tag="SignatureValue"):
    return values(text, tag)[0]


def changed_bit(text):
    at = text.index("<ContentTransferEncoded>") + 24 + 20
    return text[:at] + ("B" if text[at] == "A" else "A") + text[at + 1:]


def with_key_info(key_info):
    return signed(document(), G98._replace(key_info=key_info))


def timed(text="2026-06-01T08:00:00+07:00"):
    return signed(document(), G98._replace(time=text))


def relayed(text):
    return swapped(text, "</TraceHeaderList>", trace("G97") + "</TraceHeaderList>")


def valid():
    yield "rsa-sha256-exclusive", PLAIN, "exclusive C14N"
    yield "rsa-sha384-inclusive", signed(document(), G98._replace(
        method="rsa-sha384", digest="sha384", canonical=INCLUSIVE, transforms=(ENVELOPED, INCLUSIVE))), "inclusive C14N"
    yield "rsa-sha512-3072", signed(document(), Form(P.g98_3072, "rsa-sha512", "sha512")), "a longer key, extended key usage for documents"
    yield "enveloped-only", signed(document(), G98._replace(canonical=INCLUSIVE, transforms=(ENVELOPED,))), "one transform: C14N 1.0 follows of itself"
    for curve, hash, party in (("p256", "sha256", P.g98_p256), ("p384", "sha384", P.g98_p384), ("p521", "sha512", P.g98_p521)):
        yield f"ecdsa-{curve}-{hash}", signed(document(), Form(party, "ecdsa-" + hash, hash)), "elliptic curve"
    for hash in ("sha256", "sha384", "sha512"):
        yield f"pss-{hash}", signed(document(), G98._replace(method="pss-" + hash, digest=hash)), "RSASSA-PSS, salt as long as the hash"
    yield "root-id", signed(document(root=' Id="message"'), G98._replace(uri="#message")), "the root by its Id"
    yield "prefixed-inclusive", signed(document(root=' xmlns:ed="urn:unused"'), G98._replace(
        prefix="ds", canonical=INCLUSIVE, transforms=(ENVELOPED, INCLUSIVE))), "a prefix, and a name space nobody uses"
    yield "prefixed-exclusive", signed(document(root=' xmlns:ed="urn:unused"'), G98._replace(prefix="ds")), "the same, exclusive"
    yield "wrapped-lf", signed(document(wrap="\n"), G98), "base64 in lines of 76"
    yield "wrapped-crlf", signed(document(wrap="\r\n", margin="\r\n"), G98), "CR LF everywhere: LF when it is hashed"
    yield "wrapped-cr", signed(document(wrap="\r"), G98), "CR alone, as LF when it is hashed"
    yield "three-files", signed(document(files=(TEXT, b"%", TEXT * 1500)), G98), "several attachments: one of an octet, one of several pieces"
    yield "no-file", signed(document(files=()), G98), "no attachment"
    yield "status", signed(status(), G98), "a status"
    yield "comment", signed(document(before="<!-- outside every value -->"), G98), "a comment that C14N drops"
    yield "byte-order-mark", "\ufeff" + PLAIN, "UTF-8 with its mark"
    yield "signing-time", timed(), "a signing time under a reference of its own"
    yield "time-stamp", stamped(timed(), P.tsa), "a time stamp, by the program openssl"
    yield "chain-sent", with_key_info(certificates(P.g98, P.sub, P.root)), "the chain, leaf first"
    yield "described", with_key_info(
        certificates(P.g98).replace("</X509Data>", f"<X509SubjectName>{P.g98.name.rfc4514_string()}</X509SubjectName></X509Data>")
    ), "names beside the certificate say nothing new"
    yield "relayed-whole", signed(document(traces=("G98", "G97")), G98), "trace headers that were there when it was signed"
    yield "entities", signed(document(subject="V/v <thử> & \"đối soát\""), G98), "character references in a value"


def structures():
    yield "two-signatures", "signature.structure", swapped(PLAIN, "</SignatureValue>", "</SignatureValue><Signature/>"), "a second Signature within the first"
    yield "in-body", "signature.structure", signed(document().replace(PLACE, "").replace("<edXMLBody>", "<edXMLBody>" + PLACE), G98), "at another place"
    yield "sender-spaced", "signature.structure", signed(document(sender=" G98 "), G98), "white space round the sender's code"
    yield "unread-element", "signature.structure", signed(document().replace(PLACE, PLACE + "<Other/>"), G98), "an element beside the message that nobody reads"
    info = re.search("<SignedInfo>.*</SignedInfo>", PLAIN)[0]
    yield "two-signed-infos", "signature.shape", swapped(PLAIN, info, info + info), "which of them is signed?"
    yield "empty", "signature.shape", swapped(PLAIN, PLAIN[PLAIN.index("<Signature "):PLAIN.index("</Signature>")], f'<Signature xmlns="{DS}">'), "nothing in it"
    yield "foreign-object", "signature.shape", swapped(PLAIN, "</KeyInfo>", "</KeyInfo><Object><edXML/></Object>"), "an Object that is no signing time"
    yield "time-not-covered", "signature.shape", swapped(timed(), re.search('<Reference URI="#time">.*?</Reference>', timed())[0], ""), "a signing time nobody signed"
    yield "no-uri", "signature.reference", swapped(PLAIN, '<Reference URI="">', "<Reference>"), "a Reference to nothing"
    for name, uri in (("file", "/etc/passwd"), ("other-id", "#other"), ("xpointer", "#xpointer(/)")):
        yield f"reference-{name}", "signature.reference", swapped(PLAIN, 'Reference URI=""', f'Reference URI="{uri}"'), "not the whole document"


def algorithms():
    yield "xpath", "signature.transform", signed(document(), G98._replace(transforms=(ENVELOPED, XPATH))), "an XPath that leaves the subject out"
    yield "with-comments", "signature.transform", signed(document(), G98._replace(transforms=(ENVELOPED, COMMENTS))), "C14N with comments"
    yield "not-enveloped", "signature.transform", swapped(PLAIN, f'<Transform Algorithm="{ENVELOPED}"></Transform>', ""), "no enveloped-signature"
    yield "three-transforms", "signature.transform", signed(document(), G98._replace(transforms=(ENVELOPED, EXCLUSIVE, EXCLUSIVE))), "one too many"
    yield "hmac", "signature.algorithm", swapped(PLAIN, MORE + "rsa-sha256", MORE + "hmac-sha256"), "a shared key is none"
    yield "md5", "signature.algorithm", swapped(PLAIN, "xmlenc#sha256", "xmlenc#md5"), "a digest that is not accepted"
    yield "canonical-comments", "signature.algorithm", signed(document(), G98._replace(canonical=COMMENTS)), "SignedInfo with comments"
    yield "rsa-key-for-ecdsa", "signature.algorithm", swapped(PLAIN, MORE + "rsa-sha256", MORE + "ecdsa-sha256"), "the certificate's key is of another kind"
    yield "value-not-base64", "signature.encoding", swapped(PLAIN, value_of(PLAIN), "*" + value_of(PLAIN)[1:]), "SignatureValue"
    yield "value-short", "signature.encoding", swapped(PLAIN, value_of(PLAIN), value_of(PLAIN)[4:]), "three octets less than the key has"
    digest = value_of(PLAIN, "DigestValue")
    yield "comment-in-digest", "signature.encoding", swapped(PLAIN, digest, digest[:5] + "<!-- -->" + digest[5:]), "a comment within DigestValue"
    ecdsa = signed(document(), Form(P.g98_p256, "ecdsa-sha256"))
    yield "ecdsa-der", "signature.encoding", swapped(ecdsa, value_of(ecdsa), asn1(value_of(ecdsa))), "ECDSA as ASN.1, not as r and s"


def asn1(value):
    r_and_s = base64.b64decode(value)
    numbers = [int.from_bytes(half, "big") for half in (r_and_s[:32], r_and_s[32:])]
    return base64.b64encode(pki.der(0x30, *(pki.der(0x02, n.to_bytes(n.bit_length() // 8 + 1, "big")) for n in numbers))).decode()


def keys():
    yield "key-value", "signature.key_info", with_key_info("<KeyValue><RSAKeyValue><Modulus>AQAB</Modulus><Exponent>AQAB</Exponent></RSAKeyValue></KeyValue>"), "a bare key"
    yield "two-x509data", "signature.key_info", with_key_info(certificates(P.g98) * 2), "two signers?"
    yield "five-certificates", "signature.key_info", with_key_info(certificates(P.g98, P.sub, P.root, P.sub, P.root)), "more than a chain can need"
    yield "retrieval", "signature.key_info", with_key_info(f'<RetrievalMethod URI="http://127.0.0.1:9/" Type="{DS}X509Data"/>'), "a key to be fetched"
    yield "no-certificate", "signature.key_info", with_key_info("<X509Data><X509SubjectName>CN=Agency 98</X509SubjectName></X509Data>"), "only a name"
    yield "no-key-info", "signature.key_info", re.sub("<KeyInfo>.*</KeyInfo>", "", PLAIN), "no KeyInfo"
    longer = base64.b64encode(P.g98.der + b"\0").decode()
    yield "certificate-longer", "certificate.unreadable", with_key_info(f"<X509Data><X509Certificate>{longer}</X509Certificate></X509Data>"), "an octet behind the certificate"


def mathematics():
    yield "other-key", "signature.value", with_key_info(certificates(P.g99)), "signed by another key than the certificate's"
    yield "relabelled", "signature.value", swapped(PLAIN, MORE + "rsa-sha256", MORE + "rsa-sha512"), "another algorithm written over"
    yield "subject-changed", "signature.digest", swapped(PLAIN, "V/v thử chữ ký", "V/v khác"), "one value"
    yield "file-changed", "signature.digest", changed_bit(PLAIN), "one character of the attachment"
    yield "file-rewrapped", "signature.digest", swapped(PLAIN, "</ContentTransferEncoded>", "\n</ContentTransferEncoded>"), "the same file, another text"
    yield "time-changed", "signature.digest", swapped(timed(), "2026-06-01T08:00:00", "2025-06-01T08:00:00"), "the signing time"
    yield "time-stamp-of-another", "signature.time_stamp", stamped(timed(), P.tsa, over=timed("2025-06-01T08:00:00+07:00")), "over another signature's value"
    yield "time-stamp-of-nobody", "signature.time_stamp_untrusted", stamped(timed(), P.rogue_tsa), "by an authority nobody trusts"
    yield "relayed", "signature.transit", relayed(PLAIN), "an axis added its trace header"
    yield "relayed-unknown", "certificate.no_issuer", signed(document(traces=("G98", "G97")), Form(P.rogue)), "of an unknown signer no axis is blamed"
    yield "relayed-unknown-changed", "signature.digest", relayed(signed(document(), Form(P.rogue))), "nor when it was changed"


def signers():
    for name, code, party, why in (
            ("rogue", "certificate.no_issuer", P.rogue, "an authority of the same name, another key"),
            ("self-signed", "certificate.no_issuer", P.alone, "its own issuer"),
            ("expired", "certificate.expired", P.expired, "until 2025"),
            ("future", "certificate.not_yet", P.future, "from 2040"),
            ("revoked", "certificate.revoked", P.revoked, "revoked on 2026-03-01"),
            ("for-keys", "certificate.usage", P.for_keys, "key encipherment"),
            ("for-servers", "certificate.usage", P.for_servers, "TLS servers"),
            ("authority", "certificate.usage", P.sub, "an authority signs certificates, not documents"),
            ("short-key", "certificate.key_weak", P.short, "RSA of 1024 bits"),
            ("sha1-certificate", "certificate.key_weak", P.sha1, "a certificate under SHA-1"),
            ("by-a-leaf", "certificate.chain", P.by_leaf, "issued by a certificate that is no authority"),
            ("other-agency", "certificate.binding", P.g99, "agency 99 signs for agency 98"),
            ("unbound", "certificate.binding", P.clerk, "no OU at all")):
        sent = certificates(party, P.g99) if party is P.by_leaf else None
        yield name, code, signed(document(), Form(party, key_info=sent)), why
    yield "victim-second", "certificate.binding", signed(document(), Form(P.g99, key_info=certificates(P.g99, P.g98))), "the signer's certificate is the first"


def others():
    yield "unsigned", "signature.absent", document().replace(PLACE, ""), "no signature"
    yield "in-a-comment", "signature.absent", swapped(swapped(PLAIN, "<Signature ", "<!--<Signature "), "</Signature>", "</Signature>-->"), "a comment is none"
    yield "edxml-namespace", "signature.namespace", swapped(PLAIN, f'<Signature xmlns="{DS}">', "<Signature>"), "as the SDK's sample has it"
    yield "sample", "signature.sample", swapped(PLAIN, value_of(PLAIN, "DigestValue"), "FwgIqsSYJshUS2+wlOM61L+q7Aw="), "the digest of the SDK's sample"
    yield "doctype", "signature.envelope", swapped(PLAIN, "<edXML xmlns", "<!DOCTYPE edXML><edXML xmlns"), "the envelope's reader refuses it first"
    yield "sha1-signature", "signature.sha1", signed(document(), G98._replace(method="rsa-sha1", digest="sha1")), "SHA-1 throughout"
    yield "sha1-digest", "signature.sha1", signed(document(), G98._replace(digest="sha1")), "SHA-1 below SHA-256"


def write(folder, name, text):
    path = HERE / folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def main():
    for folder in ("trust", "pki", "valid", "refused", "xmldsig"):
        shutil.rmtree(HERE / folder, ignore_errors=True)
    lists = pki.revoked(P.root), pki.revoked(P.sub, [P.revoked])
    write("trust", "authorities.pem", P.root.pem() + P.sub.pem())
    write("trust", "revoked.crl", b"".join(lists))
    for name in ("root", "sub", "g98", "g99", "clerk", "alone", "revoked", "rogue_root", "expired", "short", "sha1"):
        write("pki", name.replace("_", "-") + ".pem", getattr(P, name).pem())
    write("pki", "root.crl", lists[0])
    write("pki", "sub.crl", lists[1])
    write("pki", "late.crl", pki.revoked(P.sub, last=datetime.datetime(2025, 1, 1), until=datetime.datetime(2025, 2, 1)))
    write("pki", "forged.crl", pki.revoked(P.sub, key=P.rogue_root.key))
    write("pki", "sub-revoked.crl", pki.revoked(P.root, [P.sub]))
    outcomes = [(f"valid/{name}.edxml", "signature.holds", why, text) for name, text, why in valid()]
    for cases in (structures, algorithms, keys, mathematics, signers, others):
        outcomes += [(f"refused/{name}.edxml", code, why, text) for name, code, text, why in cases()]
    table("outcomes.tsv", outcomes)
    outcomes = [(f"xmldsig/{name}.xml", "signature.holds", why, text) for name, text, why in documents.valid(P)]
    outcomes += [(f"xmldsig/{name}.xml", code, why, text) for name, code, text, why in documents.refused(P, swapped)]
    table("xmldsig.tsv", outcomes)


def table(name, outcomes):
    for file, _, _, text in outcomes:
        write(*file.split("/"), text)
    lines = ["file\tcode\twhy", *("\t".join(row[:3]) for row in outcomes)]
    write("", name, "\n".join(lines) + "\n")
    print(f"{name}: {len(outcomes)} files")


if __name__ == "__main__":
    main()
