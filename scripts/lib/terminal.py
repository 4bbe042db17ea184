"""What a script says at the terminal, in the language of its reader."""
import os

VI = next((os.environ[n] for n in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(n)), "").startswith("vi")


def t(vi, en):
    return vi if VI else en


def say(text="", indent=0):
    print(" " * indent + text, flush=True)
