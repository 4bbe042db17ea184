#!/usr/bin/env python3
"""Files sent beforehand (POST /v1/files) on the real program: what was answered 201 outlives kill -9, what was cut off leaves
nothing, what is over goes. Days pass by making files older while axisd is stopped."""
import os
import socket
import stat
import time

import common
from common import sha256, wait_for

LARGE = os.urandom(50 << 20)


class Files(common.WorldCase):
    with_axis = False

    @property
    def folder(self):
        return self.w.directory / "state/claims"

    def files(self):
        return [f for f in self.folder.rglob("*") if f.is_file()]

    def keep(self, data, by=None):
        answer = (by or self.bo).call("POST", "/v1/files", data)
        self.assertEqual(answer.status, 201, answer.body)
        kept = answer.json()
        self.assertEqual((kept["bytes"], kept["sha256"]), (len(data), sha256(data)))
        return kept

    def kill_and_start(self):
        self.w.kill("axisd")
        self.w.start_gateway()

    def let_pass(self, file, days):
        """axisd is stopped, the file is `days` older, axisd is started."""
        self.assertEqual(self.w.stop("axisd"), 0)
        os.utime(file, (time.time() - days * 86_400,) * 2)
        self.w.start_gateway()

    def test_1_a_large_file_is_there_after_kill_9_byte_for_byte(self):
        before = self.w.rss_bytes(peak=True)
        kept = self.keep(LARGE)
        self.assertLess(self.w.rss_bytes(peak=True) - before, len(LARGE) // 2, "memory does not grow with the file")

        self.kill_and_start()

        file = self.folder / "kept/bo" / kept["claim"]
        self.assertEqual(sha256(file.read_bytes()), kept["sha256"])
        self.assertEqual(self.files(), [file])
        self.assertEqual([stat.S_IMODE(p.stat().st_mode) for p in (file, file.parent, file.parent.parent, self.folder)],
                         [0o600, 0o700, 0o700, 0o700])

    def test_2_an_upload_that_dies_with_axisd_leaves_nothing(self):
        before = self.files()
        head = f"POST /v1/files HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {self.bo.token}\r\nContent-Length: {len(LARGE)}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.w.api_port), 25) as s:
            s.sendall(head.encode() + LARGE[:1 << 20])
            wait_for("the upload to be under way", lambda: len(self.files()) > len(before))
            self.kill_and_start()
        self.assertEqual(self.files(), before)

    def test_3_what_is_over_goes_and_what_is_not_stays(self):
        fresh, over = (self.folder / "kept" / name / self.keep(b"bytes", by)["claim"]
                       for name, by in (("bo", self.bo), ("cuc11", self.cuc11)))
        self.let_pass(over, 6.9)
        self.let_pass(fresh, 1)  # and so once more through start and sweep
        self.assertTrue(over.exists() and fresh.exists())

        self.let_pass(over, 7.1)

        wait_for("what is over to go", lambda: not over.exists())
        self.assertTrue(fresh.exists())
        wait_for("it to be logged", lambda: "claims.swept count=1" in self.log(), 10)


if __name__ == "__main__":
    common.main()
