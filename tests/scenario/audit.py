#!/usr/bin/env python3
"""The journal's checkpoints, `axisctl audit export|verify`: what is whole holds; one altered bit, one removed row, a tail that was cut
off and a journal made anew are found, each by somebody who has no daemon and no network."""
import base64
import hashlib
import json
import pathlib
import shutil
import sqlite3
import subprocess

import common
from common import sample_package
from pki import Pki


class AuditCase(common.WorldCase):
    signing = True

    @classmethod
    def configured(cls):
        cls.state = pathlib.Path(cls.directory) / "state"
        cls.pki = Pki(pathlib.Path(cls.directory) / "pki")
        cls.pki.agency("g97", "G97")  # a key of somebody else, not ours to sign with
        for name in ("g97.key", "g97.crt"):
            (cls.pki.keys / name).rename(cls.pki.directory / name)
        cls.pki.agency("g98", "G98")
        if cls.signing:
            with open(cls.w.config, "a") as f:
                f.write(f'\n[signature]\nkeys_dir = "{cls.pki.keys}"\n')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.post(1)
        assert cls.w.stop("axisd") == 0  # a clean stop makes a checkpoint at the last row
        cls.w.start_gateway()
        cls.post(2)
        assert cls.w.stop("axisd") == 0

    @classmethod
    def post(cls, number):
        answer = cls.bo.submit(sample_package(["G99"], number, files=[{"name": "a.pdf", "sha256": common.sha256(common.PDF)}]), [("a.pdf", common.PDF)])
        assert answer.status == 202, answer.body
        id = answer.json()["id"]
        common.wait_for("03", lambda: cls.bo.get(f"/v1/messages/{id}").json()["recipients"][0]["status"] == "03")

    def setUp(self):
        self.copy = pathlib.Path(self.directory) / "copy"
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.state, self.copy)
        self.lines = [json.loads(line) for line in (self.state / "journal.checkpoints").read_text().splitlines()]

    def verify(self, *arguments, holds=True, trust=True):
        more = ["--trust", str(self.pki.trust)] if trust else []
        run = self.w.ctl("--json", "audit", "verify", *arguments, *more, check=False)
        self.assertIn(run.returncode, (0, 1), run.stderr)
        told = json.loads(run.stdout)
        self.assertEqual((run.returncode, told["holds"]), (0, True) if holds else (1, False), told)
        return told["findings"]

    def differs(self, *arguments):
        return " ".join(f["detail"] for f in self.verify(*arguments, holds=False) if f["outcome"] == "DIFFERS")

    def on_copy(self, *statements):
        db = sqlite3.connect(self.copy / "ledger.db")
        for statement in statements:
            db.execute(statement)
        db.commit()
        db.close()

    def export(self, *more):
        out = pathlib.Path(self.directory) / "journal.jsonl"
        out.unlink(missing_ok=True)
        self.w.ctl("audit", "export", "-o", str(out), *more)
        return out

    def rows(self):
        db = sqlite3.connect(self.copy / "ledger.db")
        rows = db.execute("SELECT seq, at, actor, kind, message, delivery, facts, hash FROM journal ORDER BY seq").fetchall()
        db.close()
        return rows


def ulid(value):
    if value is None:
        return ""
    number, digits = int.from_bytes(value, "big"), "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return "".join(digits[(number >> (5 * i)) & 31] for i in reversed(range(26)))


def made_anew(rows, actor):
    """The chain as whoever can write the file could make it: every hash is right, the second row says something else."""
    before, out = bytes(32), []
    for seq, at, who, kind, message, delivery, facts, _ in rows:
        who = actor if seq == 2 else who
        hasher = hashlib.sha256(before)
        for part in (str(seq), str(at), who, kind, ulid(message), "" if delivery is None else str(delivery), facts):
            hasher.update(f"{len(part.encode())}:{part}".encode())
        before = hasher.digest()
        out.append((seq, who, before))
    return out


class SignedJournal(AuditCase):
    def test_what_is_whole_holds(self):
        findings = self.verify()
        self.assertEqual({f["outcome"] for f in findings}, {"holds"})
        self.assertEqual({f["what"] for f in findings}, {"journal", "checkpoints", "signature"})
        self.assertGreaterEqual(len(self.lines), 2)
        self.assertIn("unknown", {f["outcome"] for f in self.verify(trust=False)}, "whom to believe was not said")
        self.assertIn("The journal holds", self.w.ctl("--lang", "en", "audit", "verify"))

    def test_signatures_are_what_the_program_openssl_takes(self):
        line, folder = self.lines[-1], pathlib.Path(self.directory) / "pki"
        (folder / "c.der").write_bytes(base64.b64decode(line["certificate"]))
        (folder / "value").write_bytes(base64.b64decode(line["signature"]))
        (folder / "text").write_text(f"axisd journal checkpoint 1\n{line['agency']}\n{line['seq']}\n{line['at_ms']}\n{line['hash']}\n")
        self.pki.run("x509", "-inform", "DER", "-in", "c.der", "-pubkey", "-noout", "-out", "c.pub")
        self.pki.run("dgst", "-sha256", "-verify", "c.pub", "-signature", "value", "text")

    def test_one_altered_bit_of_a_row(self):
        for column in ("actor", "kind", "facts"):
            with self.subTest(column):
                self.setUp()
                self.on_copy(f"UPDATE journal SET {column} = CAST(x'00' || substr({column}, 2) AS TEXT) WHERE seq = 2")
                self.assertIn("row 2 is not what its hash was made over", self.differs("--state", str(self.copy)))
        self.setUp()
        self.on_copy("UPDATE journal SET at = at + 1 WHERE seq = 2")
        self.assertIn("row 2", self.differs("--state", str(self.copy)))

    def test_one_removed_row(self):
        self.on_copy("DELETE FROM journal WHERE seq = 2")
        self.assertIn("row 2 is missing", self.differs("--state", str(self.copy)))

    def test_a_tail_that_was_cut_off(self):
        last = self.lines[-1]["seq"]
        self.on_copy(f"DELETE FROM journal WHERE seq >= {last}")
        self.assertIn(f"ends at row {last - 1}", self.differs("--state", str(self.copy)))
        # Whoever cuts the checkpoints too is found by a copy that was kept elsewhere.
        self.on_copy(f"DELETE FROM checkpoint WHERE seq >= {last}")
        kept = (self.copy / "journal.checkpoints").read_text().splitlines(keepends=True)
        (self.copy / "journal.checkpoints").write_text("".join(kept[:-1]))
        self.verify("--state", str(self.copy))
        outside = str(self.state / "journal.checkpoints")
        self.assertIn(f"ends at row {last - 1}", self.differs("--state", str(self.copy), "--checkpoints", outside))

    def test_a_journal_that_was_made_anew(self):
        rows = made_anew(self.rows(), "uid:0")
        db = sqlite3.connect(self.copy / "ledger.db")
        db.executemany("UPDATE journal SET actor = ?, hash = ? WHERE seq = ?", [(who, digest, seq) for seq, who, digest in rows])
        db.commit()
        self.assertIn("is not the one of the checkpoint", self.differs("--state", str(self.copy)))
        # The checkpoints with it, the old signatures over them.
        hashes = {seq: digest for seq, _, digest in rows}
        db.executemany("UPDATE checkpoint SET hash = ? WHERE seq = ?", [(hashes[line["seq"]], line["seq"]) for line in self.lines])
        db.commit()
        db.close()
        forged = [{**line, "hash": hashes[line["seq"]].hex()} for line in self.lines]
        (self.copy / "journal.checkpoints").write_text("".join(json.dumps(line) + "\n" for line in forged))
        told = self.differs("--state", str(self.copy))
        self.assertIn("does not hold", told)
        self.assertNotIn("row 2", told, "the chain itself was right: only the signatures tell")
        outside = str(self.state / "journal.checkpoints")
        self.assertIn("is not the one", self.differs("--state", str(self.copy), "--checkpoints", outside))

    def test_a_signature_of_another_agency(self):
        other = Pki(pathlib.Path(self.directory) / "other")
        told = self.verify("--trust", str(other.trust), holds=False, trust=False)
        self.assertIn("not believed", " ".join(f["detail"] for f in told))
        der = subprocess.run(["openssl", "x509", "-in", "g97.crt", "-outform", "DER"], cwd=self.pki.directory, capture_output=True, check=True)
        line = self.lines[-1]
        text = f"axisd journal checkpoint 1\n{line['agency']}\n{line['seq']}\n{line['at_ms']}\n{line['hash']}\n"
        value = subprocess.run(["openssl", "dgst", "-sha256", "-sign", "g97.key"], cwd=self.pki.directory, capture_output=True, check=True,
                               input=text.encode())
        forged = {**line, "certificate": base64.b64encode(der.stdout).decode(), "signature": base64.b64encode(value.stdout).decode()}
        (self.copy / "journal.checkpoints").write_text(json.dumps(forged) + "\n")
        self.assertIn("does not speak for G98", self.differs("--state", str(self.copy)))

    def test_a_file_of_checkpoints_that_is_gone_or_torn(self):
        file = self.copy / "journal.checkpoints"
        text = file.read_text()
        file.write_text(text + text[:50])  # a power cut in the middle of a line
        self.assertIn("unknown", {f["outcome"] for f in self.verify("--state", str(self.copy))})
        file.unlink()
        self.assertIn("is gone", self.differs("--state", str(self.copy)))

    def test_an_export_is_checked_without_the_ledger(self):
        out = self.export()
        self.assertEqual({f["outcome"] for f in self.verify(str(out))}, {"holds"})
        lines = out.read_text().splitlines(keepends=True)
        row = next(i for i, line in enumerate(lines) if '"seq":2,' in line and "checkpoint" not in line)

        def written(changed):
            out.write_text("".join(changed))
            return str(out)
        self.assertIn("row 2", self.differs(written([*lines[:row], lines[row].replace('"actor":"', '"actor":"x'), *lines[row + 1:]])))
        self.assertIn("row 2 is missing", self.differs(written(lines[:row] + lines[row + 1:])))
        self.assertIn("its end is missing", self.differs(written(lines[:-1])))
        # The end made to fit what is left: the checkpoint kept elsewhere tells of more.
        at = next(i for i, line in enumerate(lines) if '"checkpoint"' in line) + 1
        cut = lines[:at]
        rows = [json.loads(line) for line in cut if '"kind"' in line]
        cut.append(json.dumps({"end": True, "rows": len(rows), "hash": rows[-1]["hash"]}) + "\n")
        self.verify(written(cut))
        outside = str(self.state / "journal.checkpoints")
        self.assertIn(f"ends at row {rows[-1]['seq']}", self.differs(written(cut), "--checkpoints", outside))
        self.assertEqual(self.w.ctl("audit", "verify", __file__, check=False).returncode, 1, "what is no export is refused")
        self.assertEqual(self.w.ctl("audit", "export", "-o", str(out), check=False).returncode, 1, "nothing is overwritten")

    def test_a_part_of_the_journal(self):
        out = self.export("--first", "2", "--last", "3")
        findings = self.verify(str(out))
        self.assertIn("unknown", {f["outcome"] for f in findings})
        self.assertIn("2 rows, 2 to 3", " ".join(f["detail"] for f in findings))

    def test_the_daemon_notices_an_older_journal_under_newer_checkpoints(self):
        kept = self.directory + "/kept"
        shutil.copytree(self.state, kept)
        db = sqlite3.connect(self.state / "ledger.db")
        db.execute(f"DELETE FROM journal WHERE seq >= {self.lines[-1]['seq']}")
        db.commit()
        db.close()
        self.w.start_gateway()
        common.wait_for("the alarm", lambda: "audit.journal_differs" in {a["name"] for a in self.w.ctl_json("status")["alarms"]})
        self.assertEqual(self.w.stop("axisd"), 0)
        shutil.rmtree(self.state)
        shutil.move(kept, self.state)


class UnsignedJournal(AuditCase):
    signing = False

    def test_without_a_key_it_is_said_that_nobody_vouches(self):
        self.assertEqual({line["signature"] for line in self.lines}, {None})
        findings = self.verify()
        self.assertIn("not signed", " ".join(f["detail"] for f in findings if f["outcome"] == "unknown"))
        self.on_copy("DELETE FROM journal WHERE seq = 2")
        self.assertIn("row 2 is missing", self.differs("--state", str(self.copy)))


if __name__ == "__main__":
    common.main()
