"""What this machine can do at best, so that a figure of axisd can be read on another machine."""
import os
import pathlib
import re
import subprocess
import time


class Limits:
    def __init__(self, directory, seconds):
        self.rsa_signs = rsa_signs(seconds)
        self.sha256_mb = sha256_mb(seconds)
        self.fsyncs = fsyncs(directory, seconds)

    @property
    def sign_ms(self):
        return 1000.0 / self.rsa_signs


def openssl_speed(seconds, *arguments):
    run = subprocess.run(["openssl", "speed", "-seconds", str(seconds), *arguments], capture_output=True, text=True, check=True)
    return run.stdout


def rsa_signs(seconds):
    """RSA-2048 signatures per second of one core."""
    line = re.search(r"^rsa 2048 bits.*$", openssl_speed(seconds, "rsa2048"), re.M).group()
    return float(line.split()[-2])


def sha256_mb(seconds):
    """SHA-256 in MB/s of one core."""
    line = re.search(r"^sha256\s.*$", openssl_speed(seconds, "-evp", "sha256", "-bytes", "16384"), re.M | re.I).group()
    return float(line.split()[-1].rstrip("k")) / 1000.0


def fsyncs(directory, seconds):
    """Appends of 4 KiB per second, each followed by fsync."""
    path = pathlib.Path(directory) / "fsync.probe"
    piece = os.urandom(4096)
    with open(path, "wb", buffering=0) as file:
        count, started = 0, time.monotonic()
        while time.monotonic() - started < seconds:
            file.write(piece)
            os.fsync(file.fileno())
            count += 1
        rate = count / (time.monotonic() - started)
    path.unlink()
    return rate
