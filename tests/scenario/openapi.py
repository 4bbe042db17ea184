#!/usr/bin/env python3
"""schemas/openapi.yaml against the running daemon: what it says happens, and nothing happens that it does not say."""
import base64
import hashlib
import json
import os
import re
import shutil
import subprocess

import common
from common import PDF, WorldCase

DOCUMENT = common.ROOT / "schemas/openapi.yaml"
NOBODY = "01J9X7Z3K8M4N6P2Q5R7S9T1V3"  # the id of the document's examples
# Answers that cannot be provoked from outside yet, each with its reason.
OUT_OF_REACH = {
    ("GET", "/v1/messages/{id}/envelope", 410): "takes days: scenario/retention",
    ("GET", "/v1/messages/{id}/attachments/{n}", 410): "takes days: scenario/retention",
}


class Flow:
    """YAML's flow style, {a: [b, "c"]}, as far as the document uses it."""

    def __init__(self, text):
        self.text, self.at = text, 0

    @classmethod
    def read(cls, text):
        reader = cls(text)
        value = reader.value()
        assert not text[reader.at:].strip(), f"not understood: {text[reader.at:]!r}"
        return value

    def blank(self):
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.text[self.at:self.at + 1]

    def value(self):
        first = self.blank()
        if first == "{":
            return dict(self.items("}", self.pair))
        if first == "[":
            return list(self.items("]", self.value))
        if first == '"':
            value, length = json.JSONDecoder().raw_decode(self.text[self.at:])
            self.at += length
            return value
        word = re.compile(r"(?:[^,{}\[\]:]|:(?! |$))+").match(self.text, self.at)
        self.at = word.end()
        text = word.group().strip()
        plain = {"true": True, "false": False, "null": None}
        return plain[text] if text in plain else int(text) if re.fullmatch(r"-?\d+", text) else text

    def pair(self):
        key = self.value()
        assert self.blank() == ":", self.text[self.at:]
        self.at += 1
        return key, self.value()

    def items(self, end, one):
        self.at += 1
        while self.blank() != end:
            yield one()
            if self.blank() == ",":
                self.at += 1
        self.at += 1


class Contract:
    """The regular form that the head of the file promises: paths at two blanks, methods at four, answers at eight."""

    def __init__(self, text):
        self.answers, self.examples, self.samples = {}, {}, {}
        self.any = self.words(re.search(r"^    Any:\n.*?x-codes: \[(.*?)\]", text, re.S | re.M).group(1))
        path = method = status = key = None
        for line in text.split("\ncomponents:")[0].split("\npaths:\n")[1].splitlines():
            if m := re.match(r"  (/\S*):$", line):
                path = m.group(1)
            elif m := re.match(r"    (get|post|put|patch|delete):$", line):
                method, status = m.group(1).upper(), None
                key = (method, path)
                self.answers[key], self.examples[key], self.samples[key] = {}, {}, []
            elif m := re.match(r'        "(\d{3})":$', line):
                status = int(m.group(1))
                self.answers[key][status] = set()
            elif m := re.match(r"          x-codes: \[(.*)\]$", line):
                self.answers[key][status] = self.words(m.group(1))
            elif m := re.match(r" +example: (\{.*\})$", line):
                self.examples[key][status or "request"] = Flow.read(m.group(1))
            elif (m := re.match(r" +(\w+): \{summary: .*?, value: (\{.*\})\}$", line)) and status is None:
                self.examples[key][m.group(1)] = Flow.read(m.group(2))
            elif (m := re.match(r"                value: (\{.*\})$", line)) and status is None:
                self.examples[key]["request"] = Flow.read(m.group(1))
            elif line == "          source: |":
                self.samples[key].append("")
            elif self.samples.get(key) and line.startswith(" " * 12) and status is None:
                self.samples[key][-1] += line.strip() + "\n"

    @staticmethod
    def words(text):
        return {w.strip() for w in text.split(",")}


class OpenApi(WorldCase):
    with_axis = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = Contract(DOCUMENT.read_text())
        cls.seen = {}  # (method, path, status) -> codes
        file = ("giay-moi.pdf", PDF)
        package = json.loads((common.ROOT / "schemas/examples/package-minimal.json").read_text())
        package.update(to=["G98.12"], code={"number": "900", "notation": "GM-VP"})
        cls.id = cls.cuc11.submit(package, [file]).json()["id"]

    @classmethod
    def configured(cls):
        cls.w.ctl("endpoint", "add", "tat", "--codes", "G98.13", "--mode", "off")
        cls.off = json.loads(cls.w.ctl("--json", "token", "new", "tat"))["token"]
        with cls.w.config.open("a") as f:
            f.write('\n[[agency]]\ncode = "G98.13"\nname = "Cục Ba (tắt)"\n')

    def ask(self, method, template, status, code=None, by=None, id=None, n="1", query="", **more):
        """One call; its answer must be the one wanted and a documented one."""
        software = by or self.cuc11
        path = template.replace("{id}", id or self.id).replace("{n}", n) + query
        answer = software.call(method, path, **more)
        self.assertEqual(answer.status, status, f"{method} {path}: {answer.body[:300]}")
        got = answer.json()["code"] if status >= 400 else None
        if code:
            self.assertEqual(got, code, answer.body)
        self.check_documented(method, template, answer, got)
        return answer

    def check_documented(self, method, template, answer, code):
        documented = self.contract.answers[(method, template)]
        if code is None:
            self.assertIn(answer.status, documented)
        else:
            self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
            self.assertIn(code, documented.get(answer.status, set()) | self.contract.any, f"{method} {template} {answer.status}")
        self.seen.setdefault((method, template, answer.status), set()).add(code)

    JSON = {"Content-Type": "application/json"}

    def multipart(self, *parts, kind="multipart/form-data; boundary=g"):
        body = b"".join(b"--g\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + data + b"\r\n" for head, data in parts) + b"--g--\r\n"
        return {"body": body, "headers": {"Content-Type": kind}}

    def whole(self, file=PDF, **changes):
        package = {"from": "G98.11", "to": ["G98.12"], "code": {"number": str(self.next_number()), "notation": "GM-VP"},
                   "issued": {"date": "2026-11-21"}, "type": {"name": "Giấy mời"}, "subject": "Mời họp", "security_class": "thuong",
                   "restricted_publication": False, "denunciation": False, "files": [{"name": "a.pdf"}], **changes}
        return self.multipart(('name="package"', json.dumps(package).encode()), ('name="file"; filename="a.pdf"', file))

    def test_1_every_documented_answer_that_can_be_provoked_is(self):
        for method, path in self.contract.answers:
            self.everywhere(method, path)
        self.packages()
        self.envelopes()
        self.files()
        self.messages()
        self.statuses_and_events()
        self.a_damaged_store()
        self.a_full_disk()
        documented = {(m, p, s) for (m, p), answers in self.contract.answers.items() for s in answers}
        missing = documented - set(self.seen) - set(OUT_OF_REACH)
        self.assertEqual(sorted(missing), [], "documented, never seen, and no reason given")
        self.assertEqual(sorted(set(OUT_OF_REACH) & set(self.seen)), [], "these can be provoked after all")
        self.assertLessEqual(set(OUT_OF_REACH), documented)

    def everywhere(self, method, path):
        more = {"body": b"{}", "headers": self.JSON} if method == "POST" else {}
        nobody = common.Software(self.w.api_port, "")
        self.assertTrue(self.ask(method, path, 401, "token.missing", by=nobody, **more).headers["WWW-Authenticate"])
        self.ask(method, path, 401, "token.unknown", by=common.Software(self.w.api_port, "wrong"), **more)
        self.ask(method, path, 403, "endpoint.off", by=common.Software(self.w.api_port, self.off), **more)
        self.ask(method, path, 400, "http.parameter", query="?colour=red", **more)
        other = "DELETE"
        answer = self.cuc11.call(other, path.replace("{id}", self.id).replace("{n}", "1"))
        self.assertEqual((answer.status, answer.headers["Allow"]), (405, method))
        if "{id}" in path:
            more = {"body": b'{"from":"G98.11","code":"03"}', "headers": self.JSON} if method == "POST" else {}
            for id in (NOBODY, "abc"):
                self.ask(method, path, 404, "not_found", id=id, **more)
            self.ask(method, path, 404, "not_found", by=self.bo, **more)

    def packages(self):
        def post(status, code=None, **more):
            return self.ask("POST", "/v1/packages", status, code, **more)
        post(200, query="?dry_run=true", **self.whole())
        location = post(202, **self.whole()).headers["Location"]
        self.assertEqual(self.cuc11.get(location).status, 200)
        post(400, "package.not_json", **self.multipart(('name="package"', b"{")))
        post(400, "multipart.order", **self.multipart(('name="file"; filename="a.pdf"', PDF)))
        post(400, "multipart.malformed", body=b"--g\r\nx", headers={"Content-Type": "multipart/form-data; boundary=g"})
        whole = self.whole()
        post(400, "http.malformed", body=whole["body"], headers={**whole["headers"], "Idempotency-Key": "a b"})
        post(403, "agency.not_yours", **self.whole(**{"from": "G98"}))
        post(413, "package.too_large", **self.whole(content="x" * (1 << 20)))
        post(415, "http.media_type", **self.multipart(kind="text/plain"))
        post(422, "package.invalid", **self.whole(subject=""))
        post(422, "policy.forbidden_class", **self.whole(security_class="mat"))
        post(422, "file.empty", **self.whole(file=b""))
        post(422, "file.digest", **self.whole(files=[{"name": "a.pdf", "sha256": "0" * 64}]))
        post(422, "file.unlisted", **self.whole(files=[{"name": "b.pdf"}]))
        for subject, status in (("Một", 202), ("Hai", 422)):
            whole = self.whole(subject=subject)
            post(status, "idempotency.conflict" if status == 422 else None, body=whole["body"], headers={**whole["headers"], "Idempotency-Key": "k1"})

    CLASS = "?security_class=thuong&restricted_publication=false&denunciation=false"

    def ready(self, **changes):
        text = common.own_envelope("G98.11", ["G98.12"], self.next_number(), **changes)
        return {"body": text.encode(), "headers": {"Content-Type": "application/xml"}}

    def envelopes(self):
        def post(status, code=None, query=self.CLASS, **more):
            return self.ask("POST", "/v1/envelopes", status, code, query=query, **more)
        post(200, query=self.CLASS + "&dry_run=true", **self.ready())
        one = self.ready()
        location = post(202, **one).headers["Location"]
        self.assertEqual(self.cuc11.get(location + "/envelope").body, one["body"], "kept as it came")
        self.assertEqual(post(202, **one).headers["Location"], location, "the same act again")
        post(400, "http.parameter", query="?security_class=thuong", **self.ready())
        post(400, "http.malformed", body=b"", headers={"Content-Type": "application/xml", "Idempotency-Key": "a b"})
        post(403, "agency.not_yours", body=common.own_envelope("G98", ["G98.12"], 1).encode(), headers=one["headers"])
        post(415, "http.media_type", body=one["body"], headers=self.JSON)
        post(422, "envelope.malformed", body=b"<edXML>", headers=one["headers"])
        post(422, "envelope.field", **self.ready(subject=""))
        post(422, "policy.forbidden_class", query=self.CLASS.replace("thuong", "mat"), **self.ready())
        post(422, "attachment.base64", **self.ready(text="Q*=="))
        post(422, "package.invalid", body=common.own_envelope("G98.11", ["G98.77"], 2).encode(), headers=one["headers"])
        status = common.own_status("G98.12", "G98.11", "4711/GM-VP", "03").encode()
        post(404, "not_found", by=self.cuc12, body=status, headers=one["headers"])
        self.raw_too_large("/v1/envelopes", self.CLASS, "application/xml")

    def files(self):
        def post(status, code=None, body=PDF, **headers):
            return self.ask("POST", "/v1/files", status, code, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})
        digest = base64.b64encode(hashlib.sha256(PDF).digest()).decode()
        for headers in ({}, {"Content_Type": "application/pdf"}, {"Repr_Digest": f"sha-256=:{digest}:"}):
            got = post(201, **headers).json()
            self.assertEqual(set(got), set(self.contract.examples[("POST", "/v1/files")][201]))
            self.assertEqual((got["bytes"], got["sha256"]), (len(PDF), common.sha256(PDF)))
        post(400, "http.malformed", Repr_Digest="sha-256=x")
        post(415, "http.media_type", Content_Type="multipart/form-data; boundary=g")
        post(422, "file.empty", body=b"")
        post(422, "file.digest", body=PDF + b"x", Repr_Digest=f"sha-256=:{digest}:")
        self.raw_too_large("/v1/files", "", "application/octet-stream")

    def raw_too_large(self, path, query, kind):
        """Refused by its length alone."""
        lines = [f"POST {path}{query} HTTP/1.1", "Host: h", f"Authorization: Bearer {self.cuc11.token}", f"Content-Type: {kind}",
                 f"Content-Length: {5 << 30}"]
        with common.socket.create_connection(("127.0.0.1", self.w.api_port), 30) as s:
            s.sendall("\r\n".join(lines).encode() + b"\r\n\r\n<")
            reply = s.makefile("rb").readline()
        self.assertIn(b" 413 ", reply)
        self.seen.setdefault(("POST", path, 413), set()).add("http.body_too_large")

    def messages(self):
        for query in ("", "?number=900/GM-VP", "?number=900", "?state=offered", "?external_id=x", "?from=2020-01-01&to=2099-12-31"):
            self.ask("GET", "/v1/messages", 200, query=query)
        found = self.ask("GET", "/v1/messages", 200, query="?number=900/GM-VP").json()["messages"]
        self.assertEqual([m["id"] for m in found], [self.id])
        self.ask("GET", "/v1/messages/{id}", 200)
        envelope = self.ask("GET", "/v1/messages/{id}/envelope", 200)
        self.assertEqual((envelope.headers["Content-Type"], int(envelope.headers["Content-Length"])), ("application/xml", len(envelope.body)))
        file = self.ask("GET", "/v1/messages/{id}/attachments/{n}", 200)
        self.assertEqual(file.body, PDF)
        self.assertIn(file.headers["Content-Type"], ("application/pdf", "application/octet-stream"))
        self.assertRegex(file.headers["Repr-Digest"], r"^sha-256=:.*:$")
        self.assertIn("filename*=UTF-8''giay-moi.pdf", file.headers["Content-Disposition"])
        self.ask("GET", "/v1/messages/{id}/attachments/{n}", 404, "not_found", n="2")

    def statuses_and_events(self):
        def report(status, code, value, by=self.cuc12, **more):
            data = value if isinstance(value, bytes) else json.dumps(value).encode()
            return self.ask("POST", "/v1/messages/{id}/statuses", status, code, by=by, **{"body": data, "headers": self.JSON, **more})
        first = self.ask("GET", "/v1/events", 200, by=self.cuc12, query="?after=0&wait=5&limit=1").json()
        self.assertEqual(first["last"], first["events"][-1]["seq"])
        ack = {"body": json.dumps({"through": first["last"]}), "headers": self.JSON}
        self.ask("POST", "/v1/events/ack", 204, by=self.cuc12, **ack)
        self.ask("POST", "/v1/events/ack", 204, by=self.cuc12, **ack)
        self.ask("POST", "/v1/events/ack", 400, "http.body", body=b"{}", headers=self.JSON)
        self.ask("POST", "/v1/events/ack", 400, body=b'{"through":99999}', headers=self.JSON)
        report(202, None, {"from": "G98.12", "code": "03"})
        report(403, "agency.not_yours", {"from": "G98.11", "code": "03"})
        report(403, "status.not_yours", {"from": "G98.12", "code": "13", "description": "x"})
        report(422, "status.invalid", {"from": "G98.12", "code": "99"})
        for path in ("/v1/messages/{id}/statuses", "/v1/events/ack"):
            self.ask("POST", path, 413, "http.body_too_large", by=self.cuc12, body=b" " * 70_000, headers=self.JSON)
            self.ask("POST", path, 415, "http.media_type", by=self.cuc12, body=b"{}", headers={"Content-Type": "text/plain"})

    def a_damaged_store(self):
        """A text of its own file is taken away, and put back."""
        os.makedirs(self.w.directory / "aside", exist_ok=True)
        sent = self.ask("POST", "/v1/packages", 202, **self.whole(file=PDF + os.urandom(100_000))).json()["id"]
        texts = [f for f in (self.w.directory / "state/spool").rglob("*") if f.is_file()]
        self.assertTrue(texts)
        moved = [(f, self.w.directory / "aside" / f.name) for f in texts]
        for here, there in moved:
            here.rename(there)
        for path in ("/v1/messages/{id}/attachments/{n}", "/v1/messages/{id}/envelope"):
            self.ask_damaged(path, sent)
        for here, there in moved:
            there.rename(here)

    def ask_damaged(self, path, id):
        """500 as long as nothing was sent; later the reply is cut, and its length tells."""
        try:
            answer = self.cuc11.call("GET", path.replace("{id}", id).replace("{n}", "1"))
        except common.http.client.IncompleteRead:
            self.seen[("GET", path, 500)] = {"cut"}
            return
        self.assertEqual(answer.status, 500, answer.body[:300])
        self.check_documented("GET", path, answer, answer.json()["code"])

    def start_with_reserve(self, mebibytes):
        self.assertEqual(self.w.stop("axisd"), 0)
        text = self.w.config.read_text()
        self.w.config.write_text(re.sub(r"disk_reserve_mb = \d+", f"disk_reserve_mb = {mebibytes}", text))
        self.w.start("axisd", [self.w.bin / "axisd", "--config", self.w.config])
        self.w.wait_port("axisd", self.w.api_port)

    def a_full_disk(self):
        free = shutil.disk_usage(self.w.directory).free // (1024 * 1024)
        try:
            self.start_with_reserve(free * 3 // 2)
            common.wait_for("the full disk to be noticed", lambda: "disk.low" in self.alarms())
            self.ask("POST", "/v1/envelopes", 503, "io.disk_full", query=self.CLASS, **self.ready())
            self.ask("POST", "/v1/files", 503, "io.disk_full", body=PDF)
            answer = self.ask("POST", "/v1/packages", 503, "io.disk_full", **self.whole())
            self.assertGreater(int(answer.headers["Retry-After"]), 0)
            # What is under way is brought to its end, until half the reserve (architecture D11).
            status = {"by": self.cuc12, "body": b'{"from":"G98.12","code":"04"}', "headers": self.JSON}
            acknowledgement = {"by": self.cuc12, "body": b'{"through":1}', "headers": self.JSON}
            self.ask("POST", "/v1/messages/{id}/statuses", 202, **status)
            self.ask("POST", "/v1/events/ack", 204, **acknowledgement)
            self.start_with_reserve(free * 4)
            common.wait_for("the full disk to be noticed", lambda: "disk.low" in self.alarms())
            self.ask("POST", "/v1/messages/{id}/statuses", 503, "io.disk_full", **status)
            self.ask("POST", "/v1/events/ack", 503, "io.disk_full", **acknowledgement)
        finally:
            self.start_with_reserve(64)
            common.wait_for("axisd to be ready", self.w.gateway_ready)

    def test_2_the_request_examples_work(self):
        package = self.contract.examples[("POST", "/v1/packages")]["request"]["package"]
        sent = self.cuc11.submit(package, [(package["files"][0]["name"], PDF)], dry_run=True)
        self.assertEqual(sent.status, 200, sent.body)
        statuses = self.contract.examples[("POST", "/v1/messages/{id}/statuses")]
        for name in ("registered", "refused"):
            own = {**self.contract.examples[("POST", "/v1/packages")]["request"]["package"], "from": "G98", "to": ["G98.11"],
                   "code": {"number": str(self.next_number()), "notation": "GM-VP"}}
            id = self.bo.submit(own, [(own["files"][0]["name"], PDF)]).json()["id"]
            answer = self.cuc11.post_json(f"/v1/messages/{id}/statuses", statuses[name])
            self.assertEqual(answer.status, 202, answer.body)
            self.assertEqual(self.recipient(id, "G98.11")["status"], statuses[name]["code"])
        self.assertIsInstance(self.contract.examples[("POST", "/v1/events/ack")]["request"]["through"], int)

    def test_3_answers_have_the_members_of_the_examples(self):
        got = {("POST", "/v1/packages", 200): self.cuc11.submit(*self.minimal(), dry_run=True).json(),
               ("POST", "/v1/packages", 202): self.cuc11.submit(*self.minimal()).json(),
               ("GET", "/v1/messages/{id}", 200): self.cuc11.get(f"/v1/messages/{self.id}").json(),
               ("GET", "/v1/messages", 200): self.cuc11.get("/v1/messages").json(),
               ("GET", "/v1/events", 200): self.cuc12.get("/v1/events").json()}
        for (method, path, status), answer in got.items():
            example = self.contract.examples[(method, path)][status]
            self.assertEqual(set(answer), set(example), f"{method} {path} {status}")
            for name in ("recipients", "files"):
                if example.get(name):
                    self.assertEqual(set(answer[name][0]), set(example[name][0]), f"{method} {path}: {name}")
        event = self.contract.examples[("GET", "/v1/events")][200]["events"][0]
        self.assertEqual(set(got[("GET", "/v1/events", 200)]["events"][0]), set(event))
        problem = self.contract.examples[("POST", "/v1/packages")][422]
        refused = self.cuc11.submit({}, []).json()
        self.assertEqual(set(refused) - {"note"}, set(problem) - {"note"})

    def minimal(self):
        package = json.loads((common.ROOT / "schemas/examples/package-minimal.json").read_text())
        package.update(to=["G98.12"], code={"number": str(self.next_number()), "notation": "GM-VP"})
        return package, [("giay-moi.pdf", PDF)]

    def test_4_the_curl_samples_work_as_they_stand(self):
        if not shutil.which("curl"):
            self.skipTest("curl is not installed: the samples were not run")
        self.bo.submit({**self.minimal()[0], "from": "G98", "to": ["G98.11"]}, [("giay-moi.pdf", PDF)])
        event = self.cuc11.wait_event(lambda e: e["type"] == "document.received")
        count = 0
        for (method, path), samples in self.contract.samples.items():
            self.assertTrue(samples, f"{method} {path} has no sample")
            for sample in samples:
                count += 1
                # Two values are of the world the sample runs in: which message, which event. Nobody waits a minute for a sample.
                text = sample.replace(NOBODY, event["message_id"]).replace('"through":24', f'"through":{event["seq"]}')
                with self.subTest(sample):
                    directory = self.w.directory / f"sample{count}"
                    directory.mkdir()
                    if path in ("/v1/packages", "/v1/files"):
                        shutil.copy(common.ROOT / "schemas/examples/package-minimal.json", directory)
                        (directory / "giay-moi.pdf").write_bytes(PDF)
                    (directory / "251.edxml").write_text(common.own_envelope("G98.11", ["G98.12"], self.next_number()))
                    run = subprocess.run(["bash", "-eu", "-c", text], cwd=directory, capture_output=True, text=True, timeout=90,
                                         env={**os.environ, "AXIS": f"http://127.0.0.1:{self.w.api_port}", "TOKEN": self.cuc11.token})
                    self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertGreaterEqual(count, 8)


if __name__ == "__main__":
    common.main()
