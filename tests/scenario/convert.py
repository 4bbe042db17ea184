#!/usr/bin/env python3
"""Packages and envelopes turned into each other, by axisctl and by the daemon: nothing is lost, nothing invented."""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import zipfile
from xml.sax.saxutils import escape

import common
from common import NS, PDF, WorldCase, sha256

FIXTURES = common.ROOT / "tests/data/envelope"
SAMPLES = common.SHARED / "samples"
CLASSES = ("--security-class", "thuong", "--restricted-publication", "no", "--denunciation", "no")
SMALL = {"from": "G98", "to": ["G99", "G98.11"], "code": {"number": "7", "notation": "TB"}, "issued": {"date": "2026-11-21"},
         "type": {"name": "Thông báo"}, "subject": "V/v thử", "security_class": "thuong", "restricted_publication": False,
         "denunciation": False, "files": [{"name": "a.pdf"}, {"name": "bảng.xlsx", "description": "Phụ lục"}]}


def envelope(files, header="", trace="", subject="V/v thử"):
    """An envelope in a hand of our own: [(name, data, content type)]."""
    references = "".join(f"<Reference><ContentId>cid:{i}</ContentId><AttachmentName>{escape(name)}</AttachmentName></Reference>"
                         for i, (name, _, _) in enumerate(files))
    attached = "".join(f"<Attachment><ContentId>cid:{i}</ContentId><AttachmentName>{escape(name)}</AttachmentName><ContentType>{kind}"
                       f"</ContentType><ContentTransferEncoded>{base64.encodebytes(data).decode()}</ContentTransferEncoded></Attachment>"
                       for i, (name, data, kind) in enumerate(files))
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns="{NS}"><edXMLEnvelope><edXMLHeader><MessageHeader>'
            f"<From><OrganId>G98</OrganId></From><To><OrganId>G99</OrganId></To><DocumentId>G98,2026/11/21,7/TB</DocumentId>"
            f"<Code><CodeNumber>7</CodeNumber><CodeNotation>TB</CodeNotation></Code><Subject>{escape(subject)}</Subject>{header}"
            f"</MessageHeader><TraceHeaderList>{trace}</TraceHeaderList></edXMLHeader><edXMLBody><edXMLManifest>{references}"
            f"</edXMLManifest></edXMLBody></edXMLEnvelope><AttachmentEncoded>{attached}</AttachmentEncoded></edXML>\n")


def status_text():
    return (f'<edXML xmlns="{NS}"><edXMLEnvelope><edXMLHeader><MessageHeader><From><OrganId>G99</OrganId></From><ResponseFor>'
            "<OrganId>G98</OrganId><Code>7/TB</Code><PromulgationDate>2026/11/21</PromulgationDate><DocumentId>x</DocumentId></ResponseFor>"
            "<StatusCode>3</StatusCode><Timestamp>21/11/2026 08:00:00</Timestamp></MessageHeader></edXMLHeader></edXMLEnvelope></edXML>")


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="axc-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def ctl(self, *arguments, exit=0, text=True):
        done = subprocess.run([common.BIN / "axisctl", *map(str, arguments)], capture_output=True, text=text, timeout=120)
        self.assertEqual(done.returncode, exit, f"axisctl {arguments}: {done.stdout}{done.stderr}")
        self.stderr = done.stderr
        return done.stdout

    def write(self, name, data):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    def package(self, name="p", files=None, **changes):
        package = {k: v for k, v in {**SMALL, **changes}.items() if v is not ...}
        for file in package["files"]:
            if (files or {}).get(file["name"], PDF) is not None:
                self.write(f"{name}/{file['name']}", (files or {}).get(file["name"], PDF))
        return self.write(f"{name}/package.json", json.dumps(package, ensure_ascii=False))

    def diff(self, a, b, exit=0):
        found = json.loads(self.ctl("--json", "envelope", "diff", a, b, exit=exit))
        self.assertEqual(found["same_meaning"], exit == 0)
        return {d["field"]: d for d in found["differences"]}

    def listing(self):
        return sorted(str(p.relative_to(self.dir)) for p in self.dir.rglob("*") if p.is_file())

    def refused(self, code, *arguments):
        """Exit 1 with that code, and no file more than before."""
        before = self.listing()
        self.ctl(*arguments, exit=1)
        self.assertIn(code, self.stderr)
        self.assertEqual(self.listing(), before)


class RoundTrip(Case):
    def round(self, original):
        """Envelope, package, envelope: the same meaning, and the same package again."""
        folder, again = self.dir / "package", self.dir / "again"
        written = self.ctl("envelope", "to-package", original, "-o", folder, *CLASSES).split("\n")[:-1]
        package = json.loads((folder / "package.json").read_text())
        self.assertEqual(len(written), len(package["files"]) + 1)
        for path, file in zip(written, package["files"]):
            data = pathlib.Path(path).read_bytes()
            self.assertEqual((sha256(data), len(data)), (file["sha256"], file["bytes"]))
        self.ctl("package", "to-envelope", folder / "package.json", "-o", self.dir / "o.edxml", "--as-received")
        for difference in self.diff(original, self.dir / "o.edxml").values():
            self.assertFalse(difference["of_meaning"])
            self.assertIn(difference["field"].rsplit("/", 1)[-1], ("wrapped", "content_type", "signature", "dialect"))
        self.ctl("envelope", "to-package", self.dir / "o.edxml", "-o", again, *CLASSES)
        remade = json.loads((again / "package.json").read_text())
        for p in (package, remade):
            p.get("extensions", []).sort(key=lambda e: e["place"])  # the writer puts them last in their place
            for file in p["files"]:
                file.pop("wrapped"), file.pop("content_type", None)
        self.assertEqual(remade, package)
        self.ctl("envelope", "rewrite", original, "-o", self.dir / "strict.edxml")
        for difference in self.diff(original, self.dir / "strict.edxml").values():
            self.assertIn(difference["field"], ("signature", "dialect"))
        self.assertEqual(self.ctl("envelope", "rewrite", self.dir / "strict.edxml", text=False),
                         (self.dir / "strict.edxml").read_bytes())

    def test_fixtures(self):
        self.round(FIXTURES / "document.edxml")

    def test_samples(self):
        """Every sample of a document goes round; what is refused is refused by all commands alike."""
        if not SAMPLES.exists():
            self.skipTest("no samples here")
        count = 0
        for sample in sorted((SAMPLES / "edxml").rglob("*.edxml*")):
            with self.subTest(sample.name):
                self.setUp()
                shown = subprocess.run([common.BIN / "axisctl", "envelope", "show", sample], capture_output=True, text=True)
                if shown.returncode != 0:
                    self.ctl("envelope", "to-package", sample, "-o", self.dir / "x", exit=1)
                    self.ctl("envelope", "rewrite", sample, exit=1)
                    self.ctl("envelope", "diff", sample, sample, exit=2)
                elif "response_for" in json.loads(shown.stdout) and "files" not in json.loads(shown.stdout):
                    self.refused("message.not_document", "envelope", "to-package", sample, "-o", self.dir / "x")
                    self.diff(sample, sample)
                else:
                    self.round(sample)
                    count += 1
        self.assertGreater(count, 5)

    def test_poor_and_strange(self):
        """No place, no date, a date that is none, elements nobody knows, names that collide, files wrapped and raw."""
        long_name = "dài" * 70 + ".pdf"
        zipped = self.write("z.zip", b"")
        empty = self.write("e.zip", b"")
        for file, data in ((zipped, PDF), (empty, b"")):
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as z:
                z.writestr("0.bin", data)
        files = [("a.pdf", PDF, "application/pdf"), ("a.pdf", b"2", "application/pdf"), ("A.PDF", b"3", ""), ("a-2.pdf", b"4", ""),
                 ("package.json", b"{}", "text/plain"), (long_name, b"5", ""), ("b.pdf", zipped.read_bytes(), "application/zip"),
                 ("c.txt", b"raw text", "text/plain"), ("empty.txt", empty.read_bytes(), "application/zip")]
        header = ("<DueDate>cuối tháng</DueDate><SteeringType>0</SteeringType><x:Note xmlns:x='urn:thu' x:a='1'>a &lt; b<x:b/></x:Note>"
                  "<ResponseFor><Code>1/A</Code><PromulgationDate>30/02/2026</PromulgationDate><Vi>vì</Vi></ResponseFor>")
        trace = ("<TraceHeader><Timestamp>21/11/2026</Timestamp></TraceHeader><Bussiness><BussinessDocType>0</BussinessDocType>"
                 "<DocumentId>x</DocumentId><Paper>3</Paper><StaffInfo><Staff>A</Staff></StaffInfo><StaffInfo><StaffId>b</StaffId></StaffInfo></Bussiness>")
        original = self.write("in.edxml", envelope(files, header, trace, subject="s" * 4000))
        self.round(original)

        stored = {p.name: p.read_bytes() for p in (self.dir / "package").iterdir()}
        self.assertEqual(len(stored), 10)
        self.assertEqual([stored[n] for n in ("a.pdf", "a-2.pdf", "A-3.PDF", "a-2-2.pdf", "package-2.json", "b.pdf")],
                         [PDF, b"2", b"3", b"4", b"{}", PDF])
        package = json.loads(stored["package.json"])
        self.assertEqual([f["name"] for f in package["files"]], [name for name, _, _ in files])
        self.assertEqual(package["due_date_text"], "cuối tháng")
        self.assertEqual(package["steering_raw"], 0)
        self.assertEqual(package["paper_raw"], 3)
        self.assertEqual(len(package["staff"]), 2)
        self.assertEqual(package["response_for"][0]["date_text"], "30/02/2026")
        self.assertEqual(len(package["extensions"]), 2)
        # As something to post it is refused, for what the schema demands.
        self.refused("field.missing", "package", "to-envelope", self.dir / "package/package.json", "-o", self.dir / "p.edxml")
        self.assertIn("/due_date_text: field.unknown", self.stderr)

    def test_rewriting_a_status(self):
        original = self.write("s.edxml", status_text())
        self.ctl("envelope", "rewrite", original, "-o", self.dir / "t.edxml")
        self.assertEqual(self.diff(original, self.dir / "t.edxml"), {})
        self.assertEqual(json.loads(self.ctl("envelope", "show", original))["code"], "03")

    def test_memory_does_not_grow_with_the_files(self):
        def peak(*arguments):
            pid = os.spawnv(os.P_NOWAIT, common.BIN / "axisctl", ["axisctl", *map(str, arguments)])
            _, status, used = os.wait4(pid, 0)
            self.assertEqual(status, 0)
            return used.ru_maxrss

        peaks = []
        for name, size in (("small", 1 << 20), ("large", 96 << 20)):
            file = self.dir / name / "a.pdf"
            file.parent.mkdir()
            with file.open("wb") as f:
                f.truncate(size)
            self.write(f"{name}/package.json", json.dumps({**SMALL, "files": [{"name": "a.pdf"}]}))
            out, folder = self.dir / f"{name}.edxml", self.dir / f"{name}-out"
            peaks.append((peak("package", "to-envelope", self.dir / name / "package.json", "-o", out),
                          peak("envelope", "to-package", out, "-o", folder), peak("envelope", "rewrite", out, "-o", folder / "again"),
                          peak("envelope", "diff", out, folder / "again")))
            self.assertEqual((folder / "a.pdf").stat().st_size, size)
        for small, large in zip(*peaks):
            self.assertLess(large - small, 32 << 10)  # KiB


class ToEnvelope(Case):
    def test_as_the_daemon_would(self):
        package = self.package()
        out = self.dir / "o.edxml"
        self.assertIn("G98,2026/11/21,7/TB", self.ctl("package", "to-envelope", package, "-o", out))
        text = out.read_text()
        for wanted in ("<edXML:DocumentId>G98,2026/11/21,7/TB</edXML:DocumentId>", "<edXML:Priority>0<", "<edXML:Direction>false<",
                       "<edXML:Paper>0<", "<ContentType>application/zip<", "<edXML:Description>Phụ lục<"):
            self.assertIn(wanted, text)
        self.assertNotIn("<edXML:TraceHeader>", text)
        self.ctl("package", "to-envelope", package, "-o", self.dir / "t.edxml", "--trace", "G98")
        self.assertEqual(list(f for f in self.diff(out, self.dir / "t.edxml") if not f.startswith("files/")), ["trace"])

    def test_files_from_elsewhere(self):
        package = self.package()
        (self.dir / "p/a.pdf").rename(self.write("f/bảng.xlsx", PDF).parent / "a.pdf")
        self.refused("file.missing", "package", "to-envelope", package, "-o", self.dir / "o")
        self.ctl("package", "to-envelope", package, "--files", self.dir / "f", "-o", self.dir / "o")

    def test_refusals_leave_nothing(self):
        def refused(code, name, *more, **changes):
            package = self.package(name, **changes)
            self.refused(code, "package", "to-envelope", package, "-o", self.dir / "o.edxml", *more)

        refused("policy.forbidden_class", "a", security_class="mat")
        refused("field.missing", "b", security_class=...)
        refused("field.missing", "c", denunciation=...)
        refused("/subject: field.missing", "d", subject="")
        refused("file.empty", "e", files={"a.pdf": b""})
        refused("file.missing", "f", files={"a.pdf": None})
        package = self.write("h/package.json", json.dumps({**SMALL, "files": [{"name": "a.pdf", "sha256": "0" * 64}]}))
        self.write("h/a.pdf", PDF)
        self.refused("/files/0/sha256: file.digest", "package", "to-envelope", package, "-o", self.dir / "o.edxml")
        self.refused("package.not_json", "package", "to-envelope", self.write("i.json", "{"), "-o", self.dir / "o.edxml")
        self.refused("io.failed", "package", "to-envelope", self.dir / "none.json", "-o", self.dir / "o.edxml")
        self.refused("package.too_large", "package", "to-envelope", self.write("j.json", " " * (1 << 20) + "{}"), "-o", self.dir / "o.edxml")
        self.ctl("package", "to-envelope", self.package(), "-o", self.dir / "o.edxml", "--trace", "G 98", exit=2)

    def test_nothing_is_overwritten(self):
        package = self.package()
        for command in (("package", "to-envelope", package, "-o"), ("envelope", "rewrite", FIXTURES / "document.edxml", "-o")):
            self.refused("exists", *command, self.write("there", "x"))
        self.assertEqual((self.dir / "there").read_text(), "x")
        for there in ("package.json", "phụ lục.txt"):
            kept = self.write(f"out-{len(there)}/{there}", "x")
            self.refused("exists", "envelope", "to-package", FIXTURES / "document.edxml", "-o", kept.parent)
            self.assertEqual(kept.read_text(), "x")

    def test_xml_that_a_package_brings_is_not_trusted(self):
        place = "edXMLEnvelope/edXMLHeader/MessageHeader"
        for xml in ("<edXML:Content>giả</edXML:Content>", "<x/></edXML:MessageHeader><edXML:MessageHeader>", "<a/><edXML:Content>giả</edXML:Content>",
                    "<edXML:StatusCode>3</edXML:StatusCode>", "<a>", "<!-- x -->", "<?x y?>", "<!DOCTYPE a>", "text"):
            with self.subTest(xml):
                package = self.package("p", extensions=[{"place": place, "xml": xml}])
                before = self.listing()
                self.ctl("package", "to-envelope", package, "-o", self.dir / "o", "--as-received", exit=1)
                self.assertEqual(self.listing(), before)
        package = self.package("p", extensions=[{"place": "nowhere", "xml": "<a/>"}])
        self.refused("envelope.field", "package", "to-envelope", package, "-o", self.dir / "o", "--as-received")
        package = self.package("p", extensions=[{"place": place, "xml": "<edXML:Unknown>1</edXML:Unknown>"}])
        self.refused("/extensions: field.unknown", "package", "to-envelope", package, "-o", self.dir / "o")
        self.ctl("package", "to-envelope", package, "-o", self.dir / "o", "--as-received")

    def test_classes_are_never_invented(self):
        self.ctl("envelope", "to-package", FIXTURES / "document.edxml", "-o", self.dir / "x")
        self.assertIn("security", self.stderr)
        for more in ((), ("--as-received",)):
            self.refused("/security_class: field.missing", "package", "to-envelope", self.dir / "x/package.json", "-o", self.dir / "o", *more)
        self.ctl("envelope", "to-package", FIXTURES / "document.edxml", "-o", self.dir / "y", "--security-class", "thuong", exit=2)
        self.ctl("envelope", "to-package", FIXTURES / "document.edxml", "-o", self.dir / "z", "--security-class", "mat",
                 "--restricted-publication", "no", "--denunciation", "yes")
        self.refused("policy.forbidden_class", "package", "to-envelope", self.dir / "z/package.json", "-o", self.dir / "o", "--as-received")


class Diff(Case):
    def test_a_mutated_copy(self):
        sample = SAMPLES / "edxml/vxp-sdk/resources__edoc_new.edxml.bak"
        original = sample if sample.exists() else FIXTURES / "document.edxml"
        self.ctl("envelope", "rewrite", original, "-o", self.dir / "a")
        text = (self.dir / "a").read_text()
        subject = text[text.index("<edXML:Subject>") + 15:text.index("</edXML:Subject>")]
        changed = text.replace(f"<edXML:Subject>{subject}<", "<edXML:Subject>khác<")
        self.assertNotEqual(changed, text)
        found = self.diff(self.dir / "a", self.write("b", changed), exit=1)
        self.assertEqual(list(found), ["subject"])
        self.assertEqual(found["subject"]["b"], "khác")
        self.assertIn("changed subject:", self.ctl("--lang", "en", "envelope", "diff", self.dir / "a", self.dir / "b", exit=1))
        self.assertIn("đổi subject:", self.ctl("--lang", "vi", "envelope", "diff", self.dir / "a", self.dir / "b", exit=1))

    def test_what_an_axis_does(self):
        """Its own hop, Direction spelled out, the file wrapped and under another type, the order changed: the same meaning."""
        a = self.write("a", envelope([("a.txt", b"noi dung", "text/plain")], "<OtherInfo><PageAmount>2</PageAmount></OtherInfo>",
                                     "<TraceHeader><OrganId>G98</OrganId><Timestamp>2026/11/21 08:00:00</Timestamp></TraceHeader>"))
        self.ctl("envelope", "to-package", a, "-o", self.dir / "p", *CLASSES)
        package = json.loads((self.dir / "p/package.json").read_text())
        package["directive"] = False
        self.write("p/package.json", json.dumps(package))
        self.ctl("package", "to-envelope", self.dir / "p/package.json", "-o", self.dir / "b", "--as-received", "--trace", "02.29.W00")
        self.assertEqual(set(self.diff(a, self.dir / "b")), {"trace/02.29.W00", "directive", "files/a.txt/wrapped", "files/a.txt/content_type"})

    def test_lost_and_added(self):
        a = self.write("a", envelope([("a.txt", b"1", "text/plain"), ("b.txt", b"2", "text/plain")], "<Content>x</Content>"))
        b = self.write("b", envelope([("a.txt", b"1!", "text/plain")], "<x:N xmlns:x='urn:thu'/>"))
        found = self.diff(a, b, exit=1)
        self.assertEqual(set(found), {"content", "files/a.txt/sha256", "files/a.txt/bytes", "files/b.txt", "extensions"})
        self.assertIsNone(found["content"]["b"])
        self.assertIsNone(found["extensions"]["a"])
        self.assertEqual(found["files/a.txt/bytes"]["b"], 2)

    def test_trouble(self):
        good = FIXTURES / "document.edxml"
        self.ctl("envelope", "diff", good, self.dir / "none", exit=2)
        self.ctl("envelope", "diff", self.write("x", "<a/>"), good, exit=2)
        self.ctl("envelope", "diff", good, exit=2)
        self.assertIn("kind", self.diff(good, FIXTURES / "status.edxml", exit=1))
        self.assertEqual(self.diff(good, good), {})


class Import(Case):
    REST = {"from": "G98", "to": ["G99"], "code": {"number": "7", "notation": "HS"}, "issued": {"date": "2026-11-21"}, "type": {"name": "Phiếu chuyển"}}

    def test_files_in_base64(self):
        source = self.write("in.json", json.dumps({"trichYeu": "Hồ sơ", "maHoSo": "HS-1", "files": [
            {"fileName": n, "fileByte": base64.b64encode(d).decode(), "size": len(d)} for n, d in (("a.pdf", PDF), ("a.pdf", b"hai"))]}))
        rest = self.write("rest.json", json.dumps(self.REST))
        self.ctl("package", "import", "--shape", "inline", source, "--with", rest, *CLASSES, "-o", self.dir / "p")
        self.assertEqual((self.dir / "p/a-2.pdf").read_bytes(), b"hai")
        self.ctl("package", "to-envelope", self.dir / "p/package.json", "-o", self.dir / "o.edxml")
        self.assertIn("document 7/HS from=G98 to=1 files=2", self.ctl("envelope", "check", self.dir / "o.edxml"))
        self.refused("/from: field.missing", "package", "import", "--shape", "inline", source, *CLASSES, "-o", self.dir / "p")
        self.refused("/security_class: field.missing", "package", "import", "--shape", "inline", source, "--with", rest, "-o", self.dir / "p")
        self.refused("exists", "package", "import", "--shape", "inline", source, "--with", rest, *CLASSES, "-o", self.dir / "p")
        self.ctl("package", "import", "--shape", "bkav", source, *CLASSES, "-o", self.dir / "q", exit=2)

    def test_multipart_json(self):
        sample = SAMPLES / "json/pvn_meta.json"
        if not sample.exists():
            self.skipTest("no samples here")
        # What that software invents (number, date, type), here the caller states.
        rest = {"code": {"number": "7"}, **{k: self.REST[k] for k in ("issued", "type")}, "files": [{"name": "a.pdf"}]}
        self.ctl("package", "import", "--shape", "pvn", sample, "--with", self.write("r.json", json.dumps(rest)), *CLASSES, "-o", self.dir / "p")
        self.write("p/a.pdf", PDF)
        self.ctl("package", "to-envelope", self.dir / "p/package.json", "-o", self.dir / "o.edxml")
        self.assertIn("7/GW-AUTO", self.ctl("envelope", "check", self.dir / "o.edxml"))
        self.refused("/code/number: field.missing", "package", "import", "--shape", "pvn", sample, *CLASSES, "-o", self.dir / "p")

    def test_flat_keys(self):
        """The published sample says "12334" everywhere: each such value is named where it stands, no key is unknown."""
        sample = SAMPLES / "json/edoc_req.json"
        if not sample.exists():
            self.skipTest("no samples here")
        self.refused("bussinessdoctype: field.value", "package", "import", "--shape", "flat", sample, *CLASSES, "-o", self.dir / "p")
        self.assertNotIn("field.unknown", self.stderr)
        source = json.loads(sample.read_text())
        business = "header_traceheaderlist_bussiness_"
        source[business + "bussinessdoctype"] = "3"
        source[business + "bussinessdocumentinfo"] = []
        source["header_messageheader_documenttype_type"] = source["header_messageheader_otherinfo_promulgationamount"] = "2"
        source["header_messageheader_otherinfo_pageamount"] = source["header_messageheader_otherinfo_priority"] = "2"
        source["header_messageheader_steeringtype"] = source[business + "paper"] = "1"
        self.ctl("package", "import", "--shape", "flat", self.write("s.json", json.dumps(source)), *CLASSES, "-o", self.dir / "p")
        package = json.loads((self.dir / "p/package.json").read_text())
        self.assertEqual([r["document_id"] for r in package["business"]["replacements"]], [f"documentid_{i}" for i in (1, 2, 3, 4)])
        self.assertEqual(package["priority"], "thuong_khan")
        self.assertIn("header_signature_signaturevalue", self.stderr)


class Business(WorldCase):
    """The daemon takes every kind of business, and its envelope is the one axisctl makes of the same package."""
    with_axis = False

    def test_kinds(self):
        kinds = {"document.revoked": {"type": "revoke", "reason": "Nhầm", "document_id": "G98,2026/11/20,1/A"},
                 "document.updated": {"type": "update", "reason": "Bổ sung", "document_id": "G98,2026/11/20,1/A",
                                      "updates": [{"document": False, "receiver": True, "receivers": [{"organ": "G97", "type": "removed"}]}]},
                 "document.replaced": {"type": "replace", "reason": "Sai số liệu",
                                       "replacements": [{"document_id": "G98,2026/11/20,1/A", "organs": ["G98.11"]}]}}
        for event_type, business in kinds.items():
            with self.subTest(event_type), tempfile.TemporaryDirectory() as folder:
                files = [("van-ban.pdf", PDF)] if event_type == "document.replaced" else []
                receipt = self.send(["G98.11"], files, business=business, trace=[{"organ": "G1"}])
                event = self.cuc11.wait_event(lambda e: e["message_id"] == receipt["id"])
                self.assertEqual(event["type"], event_type)
                self.assertEqual(event["data"]["document"]["business"], business)
                envelope_file = pathlib.Path(folder) / "e.edxml"
                envelope_file.write_bytes(self.bo.get(f"/v1/messages/{receipt['id']}/envelope").body)
                subprocess.run([common.BIN / "axisctl", "envelope", "to-package", envelope_file, "-o", folder], check=True, capture_output=True)
                package = json.loads((pathlib.Path(folder) / "package.json").read_text())
                self.assertEqual(package["business"], business)
                self.assertEqual([hop["organ"] for hop in package["trace"]], ["G98"])

    def test_what_each_kind_needs(self):
        for business, pointer in (({"type": "revoke"}, "/business/reason"), ({"type": "update", "reason": "x"}, "/business/document_id"),
                                  ({"type": "replace", "reason": "x"}, "/business/replacements"), ({}, "/business/type")):
            with self.subTest(business):
                answer = self.bo.submit(self.package(["G98.11"], business=business), [("van-ban.pdf", PDF)])
                problem = self.assert_problem(answer, 422, "package.invalid")
                self.assertIn(pointer, [e["pointer"] for e in problem["errors"]])


if __name__ == "__main__":
    common.main()
