#!/usr/bin/env python3
"""Whatever comes in: a clear refusal with a code, the daemon stays up, nothing half-stored remains."""
import http.client
import json
import re
import socket
import threading
import time

import common
from common import PDF, WorldCase, sha256, talk

ATTACKS = common.SHARED / "corpora/attacks"
FILE = ("van-ban.pdf", PDF)


class Refusals(WorldCase):
    limits = {"file_mb": 1, "envelope_mb": 3, "files_max": 5, "recipients_max": 20}
    with_axis = False

    @classmethod
    def configured(cls):
        cls.w.ctl("endpoint", "add", "tat", "--codes", "G98.13", "--mode", "off", check=False)
        with cls.w.config.open("a") as f:
            f.write('\n[[agency]]\ncode = "G98.13"\nname = "Cục Ba (tắt)"\n')
        made = json.loads(cls.w.ctl("--json", "token", "new", "tat"))
        cls.off_token = made["token"]

    def setUp(self):
        self.before = self.kept()

    def tearDown(self):
        """After each refusal: alive, and nothing of it remains."""
        self.assertTrue(common.live(self.w.health_port))
        self.assertEqual(self.w.processes["axisd"].poll(), None)
        common.wait_for("spool/tmp to be empty", lambda: not self.in_tmp(), 10)
        common.wait_for("no file to be left of those sent beforehand", lambda: not self.claims(), 10)
        self.assertEqual(self.kept(), self.before, "no new message")
        self.assertEqual([f for f in self.spool() if "tmp" not in f.parts], [], "no text was published")
        # And it still takes what is good (dry, so that nothing is kept).
        good = self.bo.submit(self.package(["G98.11"]), [FILE], dry_run=True)
        self.assertEqual(good.status, 200, good.body)

    def kept(self):
        return [m["id"] for m in json.loads(self.w.ctl("--json", "find"))["messages"]]

    def spool(self):
        return [f for f in (self.w.directory / "state/spool").rglob("*") if f.is_file()]

    def claims(self):
        return [f for f in (self.w.directory / "state/claims").rglob("*") if f.is_file()]

    def in_tmp(self):
        return [f for f in self.spool() if "tmp" in f.parts]

    # -- requests by hand
    def post(self, parts, token=None, path="/v1/packages", boundary="grenze", **headers):
        body = b"".join(b"--" + boundary.encode() + b"\r\n" + head.encode() + b"\r\n\r\n" + data + b"\r\n" for head, data in parts)
        body += f"--{boundary}--\r\n".encode()
        return self.post_raw(body, token, path, **{"Content-Type": f"multipart/form-data; boundary={boundary}", **headers})

    def post_raw(self, body, token=None, path="/v1/packages", **headers):
        software = self.bo if token is None else common.Software(self.w.api_port, token)
        return software.call("POST", path, body, {k.replace("_", "-"): v for k, v in headers.items()})

    @staticmethod
    def package_part(package):
        data = package if isinstance(package, bytes) else json.dumps(package, ensure_ascii=False).encode()
        return 'Content-Disposition: form-data; name="package"\r\nContent-Type: application/json', data

    @staticmethod
    def file_part(name, data=PDF):
        return f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/octet-stream', data

    def submit(self, status, problem_code, files=(FILE,), sent=None, **changes):
        package = self.package(["G98.11"], files)
        package.update(changes)
        package = {k: v for k, v in package.items() if v is not ...}
        return self.assert_problem(self.bo.submit(package, list(sent if sent is not None else files)), status, problem_code)

    # -- the package
    def test_broken_json(self):
        for text in (b"", b"{", b'{"from":}', b"[]x", b'{"a":1,"a":2}', b'{"a":"\xff"}', b"\xef\xbb\xbf{", b'{"a":' * 200 + b"1" + b"}" * 200):
            with self.subTest(text[:20]):
                self.assert_problem(self.post([self.package_part(text), self.file_part("van-ban.pdf")]), 400, "package.not_json")

    def test_json_that_is_no_package(self):
        for text in (b"[]", b"3", b'"x"', b"null"):
            with self.subTest(text):
                answer = self.post([self.package_part(text), self.file_part("van-ban.pdf")])
                self.assertIn(answer.json()["code"], ("package.invalid", "package.not_json"))
                self.assert_problem(answer, answer.status, answer.json()["code"])

    def test_every_fault_is_named_at_once(self):
        problem = self.submit(422, "package.invalid", **{
            "subject": ..., "code": {"number": "", "notation": "X"}, "issued": {"date": "2026-02-30"}, "colour": "red", "priority": 7})
        pointers = {e["pointer"] for e in problem["errors"]}
        self.assertLessEqual({"/subject", "/code/number", "/issued/date", "/colour", "/priority"}, pointers)
        self.assertTrue(all(e["detail"] for e in problem["errors"]))

    def test_the_package_must_come_first(self):
        self.assert_problem(self.post([self.file_part("van-ban.pdf"), self.package_part(self.package(["G98.11"]))]), 400, "multipart.order")
        self.assert_problem(self.post([]), 400, "multipart.order")

    def test_malformed_multipart(self):
        good = self.package_part(self.package(["G98.11"]))
        kind = {"Content_Type": "multipart/form-data; boundary=grenze"}
        for body in (b"", b"no boundary at all", b"--grenze\r\nno header\r\n\r\nx\r\n--grenze--\r\n",
                     b"--grenze\r\n" + good[0].encode() + b"\r\n\r\n" + good[1]):
            with self.subTest(body[:30]):
                answer = self.post_raw(body, **kind)
                self.assertIn(answer.json()["code"], ("multipart.malformed", "multipart.order", "package.not_json"))
                self.assert_problem(answer, 400, answer.json()["code"])
        part = self.post([good, ('Content-Disposition: form-data; name="file"', PDF)])
        self.assert_problem(part, 400, "multipart.malformed")

    def test_a_package_part_beyond_its_limit(self):
        big = self.package(["G98.11"], content="x" * (1024 * 1024))
        self.assert_problem(self.bo.submit(big, [FILE]), 413, "package.too_large")

    def test_files_missing_unlisted_doubled_empty(self):
        problem = self.submit(422, "package.invalid", files=(FILE, ("hai.pdf", PDF)), sent=())
        self.assertEqual([(e["pointer"], e["code"]) for e in problem["errors"]], [("/files/0", "file.missing"), ("/files/1", "file.missing")])
        self.submit(422, "file.unlisted", sent=(FILE, ("khac.pdf", PDF)))
        self.submit(422, "file.unlisted", sent=(FILE, FILE))
        self.submit(422, "file.empty", sent=(("van-ban.pdf", b""),))

    def test_too_many_files(self):
        files = [(f"{i}.pdf", PDF) for i in range(6)]
        self.submit(413, "multipart.too_many", files=files[:5], sent=files)
        self.submit(422, "package.invalid", files=files)

    def test_a_file_that_is_not_what_its_digest_says(self):
        package = {**self.package(["G98.11"]), "files": [{"name": FILE[0], "sha256": sha256(b"other")}]}
        problem = self.assert_problem(self.bo.submit(package, [FILE]), 422, "file.digest", ["file.digest"])
        self.assertIn(sha256(PDF), problem["errors"][0]["detail"], "the digest of what came, to compare")

    def test_a_file_beyond_its_limit(self):
        big = bytes(2 * 1024 * 1024)
        self.submit(413, "file.too_large", sent=(("van-ban.pdf", big),))

    def test_a_body_beyond_its_limit(self):
        # Announced: refused before it is sent. Not announced: refused when it is too much.
        head = self.head("/v1/packages", ["Content-Type: multipart/form-data; boundary=x", f"Content-Length: {10 << 30}"])
        status, _, body = common.replies(talk(self.w.api_port, head + b"--x\r\n"))[0]
        self.assertEqual((status, json.loads(body)["code"]), (413, "http.body_too_large"))
        head = self.head("/v1/events/ack", ["Content-Type: application/json", "Transfer-Encoding: chunked"])
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        status, _, body = common.replies(talk(self.w.api_port, head + chunk * 3 + b"0\r\n\r\n"))[0]
        self.assertEqual((status, json.loads(body)["code"]), (413, "http.body_too_large"))

    def test_unknown_recipients_are_all_named(self):
        # Of our own tree: any other code goes to the axis, which has the last word on it.
        problem = self.submit(422, "package.invalid", to=["G98.11", "G98.97", "G98.98", "G98.99"])
        self.assertEqual([(e["pointer"], e["code"]) for e in problem["errors"]], [(f"/to/{n}", "recipient.unknown") for n in (1, 2, 3)])
        for n, code in enumerate(("G98.97", "G98.98", "G98.99")):
            self.assertIn(code, problem["errors"][n]["detail"])

    def test_recipients_twice_closed_or_none(self):
        problem = self.submit(422, "package.invalid", to=["G98.11", "G98.11"])
        self.assertEqual(problem["errors"][0]["code"], "recipient.duplicate")
        problem = self.submit(422, "package.invalid", to=["G98.13"])
        self.assertEqual(problem["errors"][0]["code"], "recipient.closed")
        self.submit(422, "package.invalid", to=[])

    def test_path_tricks_in_file_names(self):
        names = ["../../etc/passwd", "/etc/passwd", "a/b.pdf", "a\\b.pdf", "C:\\x.pdf", "..", ".", "", "a\x00.pdf", "a\r\nb.pdf", "x\u202efdp.exe",
                 "con.pdf ", "a" * 300 + ".pdf"]
        for name in names:
            with self.subTest(repr(name)):
                problem = self.submit(422, "package.invalid", files=((name, PDF),), sent=())
                self.assertTrue(any(e["pointer"].startswith("/files/0") for e in problem["errors"]), problem)
        # Also when only the part's own name tries it.
        for name in ("../van-ban.pdf", "x/../van-ban.pdf", "/van-ban.pdf"):
            with self.subTest(part=name):
                answer = self.post([self.package_part(self.package(["G98.11"])), self.file_part(name)])
                self.assertEqual(answer.status, 422, answer.body)

    def test_forbidden_classes_are_refused_before_a_byte_of_a_file_is_read(self):
        for changes in ({"security_class": "mat"}, {"security_class": "toi_mat"}, {"security_class": "tuyet_mat"},
                        {"restricted_publication": True}, {"denunciation": True}):
            with self.subTest(changes):
                header, data = self.package_part(self.package(["G98.11"], **changes))
                part = b"--x\r\n" + header.encode() + b"\r\n\r\n" + data + b"\r\n"
                head = self.head("/v1/packages", ["Content-Type: multipart/form-data; boundary=x", f"Content-Length: {len(part) + 1_000_000}"])
                started = b"--x\r\n" + self.file_part("van-ban.pdf")[0].encode() + b"\r\n\r\n"
                # The connection stays open for writing: an answer now is one before the file.
                with socket.create_connection(("127.0.0.1", self.w.api_port), 25) as s:
                    s.sendall(head + part + started)
                    reply = http.client.HTTPResponse(s)
                    reply.begin()
                    problem = json.loads(reply.read())
                self.assertEqual((reply.status, problem["code"]), (422, "policy.forbidden_class"), problem)
                self.assertTrue(problem["detail"] and problem["action"])

    def test_a_class_that_is_missing_is_a_fault_not_ordinary(self):
        for member in ("security_class", "restricted_publication", "denunciation"):
            problem = self.submit(422, "package.invalid", **{member: ...})
            self.assertEqual([(e["pointer"], e["code"]) for e in problem["errors"]], [("/" + member, "field.missing")])

    def test_a_key_used_for_other_content(self):
        # The one test that keeps something: the first package of the key.
        package = self.package(["G98.11"])
        self.assertEqual(self.bo.submit(package, [FILE], key="khoa-1").status, 202)
        self.before = self.kept()
        self.assert_problem(self.bo.submit({**package, "subject": "Khác"}, [FILE], key="khoa-1"), 422, "idempotency.conflict")
        self.assert_problem(self.bo.submit(package, [(FILE[0], PDF + b"x")], key="khoa-1"), 422, "idempotency.conflict")

    def test_an_upload_that_is_cut_off(self):
        header, data = self.package_part(self.package(["G98.11"]))
        part = b"--x\r\n" + header.encode() + b"\r\n\r\n" + data + b"\r\n--x\r\n" + self.file_part("van-ban.pdf")[0].encode() + b"\r\n\r\n"
        head = self.head("/v1/packages", ["Content-Type: multipart/form-data; boundary=x", f"Content-Length: {len(part) + 900_000}"])
        for how in ("closed", "reset"):
            with socket.create_connection(("127.0.0.1", self.w.api_port), 25) as s:
                s.sendall(head + part + bytes(500_000))
                if how == "reset":
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    def test_files_sent_beforehand(self):
        def post(status, code, body=PDF, **headers):
            self.assert_problem(self.post_raw(body, path="/v1/files", **headers), status, code)
        post(422, "file.empty", b"")
        post(413, "file.too_large", bytes(2 << 20))
        for kind in ("multipart/form-data", "Multipart/Form-Data; boundary=x"):
            post(415, "http.media_type", Content_Type=kind)
        post(415, "http.media_type", Content_Encoding="gzip")
        for digest in ("", "sha-256", "sha-256=::", "sha-512=:AAAA:", "sha-256=:" + "A" * 1000 + ":", "sha-256=\"x\""):
            post(400, "http.malformed", Repr_Digest=digest)
        post(422, "file.digest", Repr_Digest="sha-256=:" + "A" * 43 + "=:")
        for query in ("?name=..%2F..%2Fx", "?dry_run=true"):
            self.assert_problem(self.post_raw(PDF, path="/v1/files" + query), 400, "http.parameter")

    def test_a_file_sent_beforehand_that_is_cut_off(self):
        head = self.head("/v1/files", ["Content-Length: 900000"])
        for how in ("closed", "reset"):
            with socket.create_connection(("127.0.0.1", self.w.api_port), 25) as s:
                s.sendall(head + bytes(500_000))
                common.wait_for("the upload to be under way", self.claims)
                if how == "reset":
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            common.wait_for("nothing of it to be left", lambda: not self.claims(), 10)

    # -- who
    def test_tokens_missing_wrong_and_switched_off(self):
        for token, status, code, challenge in (("", 401, "token.missing", "Bearer"), ("x", 401, "token.unknown", 'Bearer error="invalid_token"'),
                                               (self.off_token, 403, "endpoint.off", None)):
            for method, path in ROUTES:
                with self.subTest(f"{code} {method} {path}"):
                    answer = common.Software(self.w.api_port, token).call(method, path, b"" if method == "POST" else None)
                    self.assert_problem(answer, status, code)
                    self.assertEqual(answer.headers["WWW-Authenticate"], challenge)
        for value in ("Basic Ym86eA==", "Bearer", f"bearer{self.bo.token}"):
            answer = common.Software(self.w.api_port, "").call("GET", "/v1/messages", headers={"Authorization": value})
            self.assert_problem(answer, 401, "token.missing")

    def test_another_agencys_code(self):
        self.submit(403, "agency.not_yours", **{"from": "G98.11"})
        self.submit(403, "agency.not_yours", **{"from": "G99"})

    # -- how
    def head(self, path, lines=(), method="POST", token=None):
        fields = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.w.api_port}", f"Authorization: Bearer {token or self.bo.token}", *lines]
        return ("\r\n".join(fields) + "\r\n\r\n").encode()

    def test_bad_query_parameters(self):
        nobody = "01J9X7Z3K8M4N6P2Q5R7S9T1V3"
        for path, name in (("/v1/messages?colour=red", "colour"), ("/v1/messages?number=1&number=2", "number"), ("/v1/messages?number=", "number"),
                           ("/v1/messages?state=asleep", "state"), ("/v1/messages?from=yesterday", "from"), ("/v1/messages?to=2026-13-01", "to"),
                           ("/v1/messages?external_id=" + "x" * 201, "external_id"), ("/v1/events?after=-1", "after"), ("/v1/events?after=x", "after"),
                           ("/v1/events?wait=61", "wait"), ("/v1/events?wait=1.5", "wait"), ("/v1/events?limit=0", "limit"),
                           ("/v1/events?limit=101", "limit"), ("/v1/events?after=99999999999999999999", "after"), (f"/v1/messages/{nobody}?x=1", "x"),
                           (f"/v1/messages/{nobody}/envelope?x=1", "x"), (f"/v1/messages/{nobody}/attachments/1?x=1", "x")):
            with self.subTest(path):
                problem = self.assert_problem(self.bo.get(path), 400, "http.parameter", ["http.parameter"])
                self.assertEqual(problem["errors"][0]["pointer"], name)
        self.assert_problem(self.post([], path="/v1/packages?dry_run=maybe"), 400, "http.parameter")
        self.assert_problem(self.post([self.package_part({})], **{"Idempotency_Key": "a b"}), 400, "http.malformed")

    def test_wrong_content_types(self):
        for kind in ("application/json", "text/plain", "multipart/mixed; boundary=x", "multipart/form-data", "multipart/form-data; boundary="):
            with self.subTest(kind):
                self.assert_problem(self.post_raw(b"{}", Content_Type=kind), 415, "http.media_type")
        for path in ("/v1/events/ack", "/v1/messages/01J9X7Z3K8M4N6P2Q5R7S9T1V3/statuses"):
            for kind in ("text/plain", "application/xml", "application/json; charset=utf-16", "multipart/form-data; boundary=x"):
                with self.subTest(f"{path} {kind}"):
                    self.assert_problem(self.post_raw(b"{}", path=path, Content_Type=kind), 415, "http.media_type")
        self.assert_problem(self.post_raw(b"{}", path="/v1/events/ack", Content_Type="application/json", Content_Encoding="gzip"), 415, "http.media_type")

    def test_bad_acknowledgements(self):
        for body in (b"", b"{", b"[]", b"{}", b'{"through":"1"}', b'{"through":-1}', b'{"through":1.5}', b'{"through":1,"x":2}'):
            with self.subTest(body):
                self.assert_problem(self.post_raw(body, path="/v1/events/ack", Content_Type="application/json"), 400, "http.body")
        answer = self.bo.acknowledge(10 ** 12)
        self.assertEqual(answer.status, 400, answer.body)

    def test_unknown_routes_and_methods(self):
        for path in ("/", "/v1", "/v1/", "/v2/messages", "/v1/message", "/v1/messages/", "/v1/events/", "/v1/messages/x/y/z/w", "/status", "/metrics",
                     "/livez", "/V1/messages", "/v1/messages/01J9X7Z3K8M4N6P2Q5R7S9T1V3", "/v1/messages/abc", "/v1/messages/abc/envelope",
                     "/v1/messages/01J9X7Z3K8M4N6P2Q5R7S9T1V3/attachments/1"):
            with self.subTest(path):
                self.assert_problem(self.bo.get(path), 404, "not_found")
        for method, path, allow in (("DELETE", "/v1/messages", "GET"), ("PUT", "/v1/packages", "POST"), ("GET", "/v1/packages", "POST"),
                                    ("PATCH", "/v1/events", "GET"), ("GET", "/v1/events/ack", "POST"), ("OPTIONS", "/v1/messages", "GET")):
            with self.subTest(f"{method} {path}"):
                answer = self.bo.call(method, path)
                self.assert_problem(answer, 405, "http.method_not_allowed")
                self.assertEqual(answer.headers["Allow"], allow)

    def test_oversized_header_and_target(self):
        for data, status, code in ((self.head("/v1/messages", ["X-Big: " + "x" * 20_000], "GET"), 431, "http.header_too_large"),
                                   (self.head("/v1/messages", [f"X-{i}: {i}" for i in range(5000)], "GET"), 431, "http.header_too_large"),
                                   (self.head("/v1/messages?number=" + "1" * 9000, [], "GET"), 414, "http.target_too_long")):
            with self.subTest(code):
                got, headers, body = common.replies(talk(self.w.api_port, data))[0]
                self.assertEqual((got, json.loads(body)["code"]), (status, code))
                self.assertEqual(headers["connection"].lower(), "close")

    def test_a_client_that_does_not_end_its_header_is_closed(self):
        started = time.monotonic()
        out = talk(self.w.api_port, b"GET /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthor", seconds=20)
        self.assertLess(time.monotonic() - started, 19.5, "closed by the daemon, not by our patience")
        if out:
            self.assertEqual(common.replies(out)[0][0], 408)

    def test_a_client_that_drips_its_body_is_closed_and_leaves_nothing(self):
        header, data = self.package_part(self.package(["G98.11"]))
        part = b"--x\r\n" + header.encode() + b"\r\n\r\n" + data + b"\r\n--x\r\n" + self.file_part("van-ban.pdf")[0].encode() + b"\r\n\r\n"
        head = self.head("/v1/packages", ["Content-Type: multipart/form-data; boundary=x", f"Content-Length: {len(part) + 900_000}"])
        over = threading.Event()
        with socket.create_connection(("127.0.0.1", self.w.api_port), 40) as s:
            s.sendall(head + part)

            def drip():
                while not over.wait(0.5):
                    try:
                        s.sendall(b"x")
                    except OSError:
                        return
            dripper = threading.Thread(target=drip, daemon=True)
            dripper.start()
            try:
                reply = s.recv(65536)
            except ConnectionResetError:
                reply = b""
            finally:
                over.set()
                dripper.join()
        if reply:
            self.assertEqual(common.replies(reply)[0][0], 408)

    def test_the_attack_corpus(self):
        if not ATTACKS.exists():
            self.skipTest(f"{ATTACKS} is absent: the raw attack requests are not here, so they were not tried")
        tried = 0
        for line in (ATTACKS / "manifest.tsv").read_text().splitlines():
            name, expected = (line.split("\t") + [""])[:2]
            if not name.startswith("http/") or not (ATTACKS / name).exists():
                continue
            tried += 1
            with self.subTest(name, expected=expected):
                got = common.replies(talk(self.w.api_port, (ATTACKS / name).read_bytes(), half_close=True))
                self.check_attack(expected, got)
        self.assertGreaterEqual(tried, 25)

    def check_attack(self, expected, got):
        """Nothing in the corpus has a token: even the harmless ones are 4xx here."""
        allowed = {int(n) for n in re.findall(r"\b[45]\d\d\b", expected)}
        harmless = re.search("2xx|ignore|merge|replace|two separate|capped", expected)
        self.assertEqual(len(got), 2 if "two separate" in expected else 1, got)
        for status, headers, body in got:
            problem = json.loads(body)
            self.assertTrue(status in allowed or (harmless and 400 <= status < 500), f"{status} {problem}")
            self.assertTrue(all(problem[m] for m in ("code", "title", "detail", "action")))


ROUTES = [("POST", "/v1/packages"), ("POST", "/v1/files"), ("GET", "/v1/messages"), ("GET", "/v1/messages/01J9X7Z3K8M4N6P2Q5R7S9T1V3"),
          ("GET", "/v1/messages/01J9X7Z3K8M4N6P2Q5R7S9T1V3/envelope"), ("GET", "/v1/messages/01J9X7Z3K8M4N6P2Q5R7S9T1V3/attachments/1"),
          ("POST", "/v1/messages/01J9X7Z3K8M4N6P2Q5R7S9T1V3/statuses"), ("GET", "/v1/events"), ("POST", "/v1/events/ack")]


class OtherPeoplesMail(WorldCase):
    """What one endpoint neither sent nor received is not there for it; statuses only by whom they are due."""
    with_axis = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        sent = cls.bo.submit({**common.sample_package(["G98.11"], 1), "files": [{"name": FILE[0]}]}, [FILE])
        cls.id = sent.json()["id"]

    def report(self, by, **value):
        return by.post_json(f"/v1/messages/{self.id}/statuses", value)

    def test_another_endpoints_message_is_not_found(self):
        for suffix in ("", "/envelope", "/attachments/1"):
            self.assertEqual(self.cuc11.get(f"/v1/messages/{self.id}{suffix}").status, 200)
            self.assert_problem(self.cuc12.get(f"/v1/messages/{self.id}{suffix}"), 404, "not_found")
        self.assert_problem(self.report(self.cuc12, **{"from": "G98.12", "code": "03"}), 404, "not_found")
        self.assertEqual(self.cuc12.get("/v1/messages").json()["messages"], [])
        self.assertEqual(self.cuc12.events(), [])

    def test_attachments_that_do_not_exist(self):
        for n in ("0", "2", "-1", "x", "1x", "99999999999999999999"):
            self.assert_problem(self.bo.get(f"/v1/messages/{self.id}/attachments/{n}"), 404, "not_found")

    def test_wrong_statuses(self):
        for value, status, code in (({"from": "G98.11", "code": "99"}, 422, "status.invalid"), ({"from": "G98.11", "code": "3"}, 422, "status.invalid"),
                                    ({"from": "G98.11"}, 422, "status.invalid"), ({"code": "03"}, 422, "status.invalid"),
                                    ({"from": "G98.11", "code": "02"}, 422, "status.invalid"), ({"from": "G98.11", "code": "03", "x": 1}, 422, "status.invalid"),
                                    ({"from": "G98", "code": "03"}, 403, "agency.not_yours"), ({"from": "G98.12", "code": "03"}, 403, "agency.not_yours"),
                                    ({"from": "G98.11", "code": "13", "description": "x"}, 403, "status.not_yours")):
            with self.subTest(value):
                self.assert_problem(self.report(self.cuc11, **value), status, code)
        self.assert_problem(self.report(self.bo, **{"from": "G98", "code": "03"}), 403, "status.not_yours")
        broken = self.cuc11.call("POST", f"/v1/messages/{self.id}/statuses", b"{", {"Content-Type": "application/json"})
        self.assertIn(broken.status, (400, 422))
        self.assert_problem(broken, broken.status, broken.json()["code"])
        self.assertIsNone(self.recipient(self.id, "G98.11")["status"], "nothing of this was taken")


if __name__ == "__main__":
    common.main()
