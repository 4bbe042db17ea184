#!/usr/bin/env python3
"""Signed PDFs and the root they rest on, made by the openssl program; the keys are thrown away, so nothing else can be valid.

    python3 tests/data/signature/pdf/make.py

Certificates hold for 30 days from then on: what uses the files asks about a day in between (2026-12-01).
"""
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE.parents[2] / "scenario"), str(HERE.parents[3] / "scripts/lib")]

import pdf_signatures  # noqa: E402
from pdf_signatures import AGENCY, LEADER, Pdf, Pki  # noqa: E402

pdf_signatures.ROOM = 5600
with tempfile.TemporaryDirectory() as folder:
    pki = Pki(pathlib.Path(folder))
    leader, agency, root = pki.leaf("leader", LEADER), pki.leaf("agency", AGENCY), pki.root[1]
    shutil.copy(root, HERE / "trust/root.pem")
    for name, parties in (("unsigned", ()), ("one", (leader,)), ("two", (leader, agency))):
        pdf = Pdf()
        for party in parties:
            pdf.sign(party, root)
        (HERE / f"{name}.pdf").write_bytes(pdf.data)
