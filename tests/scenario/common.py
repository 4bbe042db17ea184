"""What the scenario programs share: a test case with a world of its own, and a partner system that speaks to the axis.

A program run by hand: AXIS_BIN_DIR=build/dev/bin python3 tests/scenario/NAME.py [Class.test]
"""
import base64
import datetime
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import shutil
import socket
import sys
import tempfile
import unittest
import uuid
from xml.sax.saxutils import escape

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
sys.path.insert(0, str(ROOT / "scripts/lib"))
import world  # noqa: E402
from world import Software, Trouble, World, sample_package, wait_for  # noqa: E402, F401

BIN = pathlib.Path(os.environ.get("AXIS_BIN_DIR", ROOT / "build/dev/bin"))
PDF = b"%PDF-1.4\n" + bytes(range(256)) * 8 + b"\n%%EOF\n"
QCVN = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
PROBLEM_MEMBERS = ("type", "title", "status", "detail", "action", "retryable", "request_id", "code", "errors")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def own_envelope(sender, to, number, subject="V/v thử", text=None, notation="TN-VP", margin="\n"):
    """An edXML document as a vendor's own writer may make it: another prefix, another order, LF, no trace."""
    parties = "".join(f"<x:To><x:OrganId>{code}</x:OrganId></x:To>" for code in to)
    text = text or base64.b64encode(PDF).decode()
    return (f'<?xml version="1.0" encoding="utf-8"?>{margin}<edXML xmlns="{QCVN}"><x:edXMLEnvelope xmlns:x="{QCVN}"><x:edXMLHeader>'
            f"<x:MessageHeader><x:Subject>{subject}</x:Subject><x:From><x:OrganId>{sender}</x:OrganId></x:From>{parties}"
            f"<x:Code><x:CodeNumber>{number}</x:CodeNumber><x:CodeNotation>{notation}</x:CodeNotation></x:Code>"
            "<x:PromulgationInfo><x:PromulgationDate>2026/11/21</x:PromulgationDate></x:PromulgationInfo>"
            f"<x:DocumentId>{sender},2026/11/21,{number}/{notation}</x:DocumentId></x:MessageHeader></x:edXMLHeader>"
            "<x:edXMLBody><x:edXMLManifest/></x:edXMLBody></x:edXMLEnvelope><AttachmentEncoded><Attachment>"
            "<ContentId>1</ContentId><AttachmentName>công văn.pdf</AttachmentName><ContentType>application/pdf</ContentType>"
            f"<ContentTransferEncoded>{text}</ContentTransferEncoded></Attachment></AttachmentEncoded></edXML>")


def own_status(sender, organ, code, status, description="", document_id=""):
    return (f'<edXML xmlns="{QCVN}"><edXMLEnvelope><edXMLHeader><MessageHeader><From><OrganId>{sender}</OrganId></From>'
            f"<ResponseFor><OrganId>{organ}</OrganId><Code>{code}</Code><DocumentId>{document_id}</DocumentId></ResponseFor>"
            f"<StatusCode>{status}</StatusCode><Description>{description}</Description><Timestamp>2026/11/24 09:00:00</Timestamp>"
            "</MessageHeader></edXMLHeader></edXMLEnvelope></edXML>")


class WorldCase(unittest.TestCase):
    """One world for the whole class: axissim and axisd run; setUpClass of a subclass may change `limits` and friends."""
    limits, world_arguments = {}, {}
    with_axis = True

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="axs-")
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.w = World(cls.directory, BIN, **cls.world_arguments)
        cls.addClassCleanup(cls.w.kill_all)
        if cls.with_axis:
            cls.w.start_axis(*cls.axis_arguments())
        else:
            write_secret(cls.w.secret_file)
        cls.w.configure(**cls.limits)
        cls.configured()
        cls.w.start_gateway()
        cls.bo, cls.cuc11, cls.cuc12 = (cls.w.software(name) for name in ("bo", "cuc11", "cuc12"))

    @classmethod
    def axis_arguments(cls):
        return ()

    @classmethod
    def configured(cls):
        """For changes of the files before axisd starts."""

    def tearDown(self):
        # A test never leaves a fault or a pause to the next one.
        if self.with_axis and "axissim" in self.w.processes:
            for fault in json.loads(self.raw_sim("GET", "/sim/faults")):
                self.w.fault(fault["kind"], 0)

    def raw_sim(self, method, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.w.axis_port, timeout=30)
        connection.request(method, path)
        data = connection.getresponse().read()
        connection.close()
        return data

    # -- sending
    @classmethod
    def next_number(cls):
        WorldCase.numbers = getattr(WorldCase, "numbers", 0) + 1
        return WorldCase.numbers

    def package(self, to, files=(("van-ban.pdf", PDF),), **more):
        package = sample_package(to, self.next_number(), **more)
        package["files"] = [{"name": name} for name, _ in files]
        return package

    def send(self, to, files=(("van-ban.pdf", PDF),), by=None, **more):
        package = self.package(to, files, **more)
        answer = (by or self.bo).submit(package, list(files))
        self.assertEqual(answer.status, 202, answer.body.decode())
        receipt = answer.json()
        receipt["number"] = package["code"]["number"]
        return receipt

    # -- looking
    def message(self, id, by=None):
        answer = (by or self.bo).get(f"/v1/messages/{id}")
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()

    def recipient(self, id, code, by=None):
        return next(r for r in self.message(id, by)["recipients"] if r["code"] == code)

    def wait_recipient(self, id, code, what, seconds=40, by=None, **want):
        def look():
            found = self.recipient(id, code, by)
            return found if all(found[k] == v for k, v in want.items()) else None
        try:
            return wait_for(f"{code}: {what} {want}", look, seconds)
        except Trouble as e:
            self.fail(f"{e}; it is {self.recipient(id, code, by)}\n{self.w.log_tail('axisd')}")

    def story(self, id):
        return json.loads(self.w.ctl("--json", "why", id))

    def verdicts(self, id):
        return [a["verdict"] for a in self.story(id)["story"]["attempts"]]

    def alarms(self):
        return {a["name"] for a in json.loads(self.w.ctl("--json", "status"))["alarms"]}

    def wait_alarm(self, name, raised=True, seconds=40):
        wait_for(f"alarm {name} {'raised' if raised else 'cleared'}", lambda: (name in self.alarms()) == raised, seconds)

    def lane(self, endpoint="national"):
        return next((lane for lane in self.queue()["lanes"] if lane["endpoint"] == endpoint), {})

    def queue(self):
        return json.loads(self.w.ctl("--json", "queue"))

    def on_axis(self, number, sender="G98"):
        return [d for d in self.w.sim_state()["documents"] if d["from"] == sender and d["number"] == str(number)]

    def axis_statuses(self, doc_number, code=None):
        return [s for s in self.w.sim_state()["statuses"] if doc_number in (s["number"], s["documentId"])
                and (code is None or s["code"] == code)]

    def wait_document(self, unit, number, notation=None, seconds=40):
        """The event by which a unit learns of a document."""
        def wanted(e):
            if e["type"] != "document.received":
                return False
            code = e["data"]["document"]["code"]
            return code.get("number") == str(number) and notation in (None, code.get("notation"))
        return unit.wait_event(wanted, seconds=seconds)

    def log(self):
        return (self.w.directory / "log/axisd.log").read_text(errors="replace")

    def assert_problem(self, answer, status, code, fault_codes=None):
        self.assertEqual(answer.status, status, answer.body[:500])
        self.assertEqual(answer.headers["Content-Type"].split(";")[0], "application/problem+json")
        problem = answer.json()
        for member in PROBLEM_MEMBERS:
            self.assertIn(member, problem)
        self.assertEqual(problem["code"], code, problem)
        self.assertEqual(problem["status"], status)
        self.assertEqual(problem["type"], "urn:axis:error:" + code)
        for member in ("title", "detail", "action"):
            self.assertTrue(problem[member], f"{member} is empty: {problem}")
        if fault_codes is not None:
            self.assertEqual(sorted(e["code"] for e in problem["errors"]), sorted(fault_codes), problem)
        return problem


def write_secret(file):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(0o600)
    file.write_text(uuid.uuid4().hex + "\n")


def live(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status == 200
    finally:
        connection.close()


def talk(port, data, seconds=25, half_close=False):
    """Sends raw bytes, gives all that comes back until the peer closes or is silent for `seconds`."""
    with socket.create_connection(("127.0.0.1", port), seconds) as s:
        s.settimeout(seconds)
        try:
            s.sendall(data)
            if half_close:
                s.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused before everything was sent: the answer counts
        out = b""
        try:
            while piece := s.recv(65536):
                out += piece
        except (TimeoutError, ConnectionResetError):
            pass
        return out


def replies(data):
    """The HTTP replies in a byte string: (status, headers in lower case, body)."""
    out = []
    while data.startswith(b"HTTP/1."):
        head, _, rest = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
        length = int(headers.get("content-length", len(rest)))
        out.append((int(lines[0].split()[1]), headers, rest[:length]))
        data = rest[length:]
    return out


class Partner:
    """A further system on the axis, for what axissim's own partners never say. A third writing of the wire and of edXML."""

    def __init__(self, port, system, secret, code):
        self.port, self.system, self.secret, self.code = port, system, secret, code

    def call(self, operation, body=b"", secret=None, method="POST", **fields):
        fields = {"systemid": self.system, **{k.replace("_", "-"): v for k, v in fields.items()},
                  "timestamp": datetime.datetime.now().strftime("%d%m%Y%H%M%S+0700")}
        named = {"XroadVnpt-" + k: v for k, v in fields.items()}
        sign = json.dumps(named, separators=(",", ":"))
        headers = {**named, "XroadVnpt-sign-header-key": ";".join(fields), "XroadVnpt-sign-header": sign,
                   "XroadVnpt-hash-header": hmac.new((secret or self.secret).encode(), sign.encode(), "sha256").hexdigest(),
                   "Content-Type": "application/octet-stream"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, "/" + operation, body, headers)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def send(self, kind, text, **more):
        data = text.encode()
        return self.call("sendEdoc", data, servicetype="eDoc", messagetype=kind, hash_file=sha256(data), **{"from": self.code}, **more)

    def document(self, to, number, notation="BĐT-VP", name="thu.pdf", data=PDF, date="2026/11/20", mangle=lambda text: text):
        """Gives the DocumentId and the axis' reply."""
        import base64
        document_id = f"{self.code},{date},{number}/{notation}"
        parties = "".join(f"<To><OrganId>{c}</OrganId></To>" for c in to)
        text = (f'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns="{NS}"><edXMLEnvelope><edXMLHeader><MessageHeader>'
                f"<From><OrganId>{self.code}</OrganId><OrganName>Bộ Đối tác C</OrganName></From>{parties}"
                f"<DocumentId>{document_id}</DocumentId><Code><CodeNumber>{number}</CodeNumber><CodeNotation>{notation}</CodeNotation></Code>"
                f"<PromulgationInfo><Place>Hà Nội</Place><PromulgationDate>{date}</PromulgationDate></PromulgationInfo>"
                "<DocumentType><Type>2</Type><TypeDetail>18</TypeDetail><TypeName>Công văn</TypeName></DocumentType>"
                "<Subject>V/v thử</Subject><OtherInfo><Priority>0</Priority></OtherInfo><SteeringType>1</SteeringType></MessageHeader>"
                f"<TraceHeaderList><TraceHeader><OrganId>{self.code}</OrganId><Timestamp>{date} 08:00:00</Timestamp></TraceHeader>"
                "<Bussiness><BussinessDocType>0</BussinessDocType><Paper>0</Paper></Bussiness></TraceHeaderList></edXMLHeader>"
                '<edXMLBody><edXMLManifest version="1.0"><Reference><ContentId>cid:1</ContentId><ContentType>application/pdf</ContentType>'
                f"<AttachmentName>{escape(name)}</AttachmentName></Reference></edXMLManifest></edXMLBody></edXMLEnvelope>"
                f"<AttachmentEncoded><Attachment><ContentId>cid:1</ContentId><AttachmentName>{escape(name)}</AttachmentName>"
                "<ContentType>application/pdf</ContentType>"
                f"<ContentTransferEncoded>{base64.b64encode(data).decode()}</ContentTransferEncoded></Attachment></AttachmentEncoded></edXML>\n")
        return document_id, self.send("edoc", mangle(text))

    def status(self, organ, code, number_text, document_id, date, description="", at="2026/11/21 09:00:00"):
        """About a document of `organ`; for 13, `organ` is the recipient that should give back what we sent."""
        text = (f'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns="{NS}"><edXMLEnvelope><edXMLHeader><MessageHeader>'
                f"<From><OrganId>{self.code}</OrganId></From><ResponseFor><OrganId>{organ}</OrganId><Code>{number_text}</Code>"
                f"<PromulgationDate>{date}</PromulgationDate><DocumentId>{document_id}</DocumentId></ResponseFor>"
                f"<StatusCode>{code}</StatusCode><Description>{escape(description)}</Description><Timestamp>{at}</Timestamp>"
                "</MessageHeader></edXMLHeader></edXMLEnvelope></edXML>\n")
        return self.send("status", text)


NS = "http://www.mic.gov.vn/TBT/QCVN_102_2016"


class PartnerCase(WorldCase):
    """A world with one more agency on the axis, G96, whose side is ours to play: cls.partner."""

    @classmethod
    def axis_arguments(cls):
        cls.secret_file = cls.w.directory / "config/g96.secret"
        write_secret(cls.secret_file)
        return "--system", "vxp.g96=G96", "--secret-file", f"vxp.g96={cls.secret_file}"

    @classmethod
    def configured(cls):
        cls.partner = Partner(cls.w.axis_port, "vxp.g96", cls.secret_file.read_text().strip(), "G96")
        with cls.w.config.open("a") as f:
            f.write('\n[[agency]]\ncode = "G96"\nname = "Bộ Đối tác C"\n')


def main():
    for name in ("axisd", "axisctl", "axissim"):
        if not (BIN / name).exists():
            sys.exit(f"{BIN}/{name} is missing: build it, or set AXIS_BIN_DIR")
    unittest.main(verbosity=2)


