"""Keys and certificates for one run, made by the program openssl; nothing of them is kept."""
import os
import pathlib
import subprocess


class Pki:
    """A root, and certificates under it whose OU is an agency's code; made by the program openssl."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.trust, self.keys = self.directory / "trust", self.directory / "keys"
        for folder in (self.trust, self.keys):
            folder.mkdir(parents=True)
        self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "root.key", "-out", "trust/root.pem",
                 "-days", "3650", "-subj", "/CN=Test root", "-addext", "basicConstraints=critical,CA:TRUE",
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def run(self, *arguments):
        old = os.umask(0o077)
        try:
            subprocess.run(["openssl", *arguments], cwd=self.directory, check=True, capture_output=True)
        finally:
            os.umask(old)

    def agency(self, name, code, days=365, kind=("rsa:2048",)):
        (self.directory / "e.cnf").write_text("keyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
        self.run("req", "-new", "-newkey", *kind, "-nodes", "-keyout", f"keys/{name}.key", "-out", "r.csr", "-subj", f"/OU={code}/CN=Agency {code}")
        self.sign(name, days)

    def machine(self, name, dns, days=365):
        """For a line with TLS, either end of it: keys/NAME.crt and .key."""
        (self.directory / "e.cnf").write_text(f"keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=DNS:{dns}\n")
        self.run("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"keys/{name}.key", "-out", "r.csr",
                 "-subj", f"/CN={dns}")
        self.sign(name, days)

    def sign(self, name, days):
        self.run("x509", "-req", "-in", "r.csr", "-CA", "trust/root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", str(days),
                 "-extfile", "e.cnf", "-out", f"keys/{name}.crt")

    @property
    def root(self):
        return self.trust / "root.pem"

    def crt(self, name):
        return self.keys / f"{name}.crt"

    def key(self, name):
        return self.keys / f"{name}.key"
