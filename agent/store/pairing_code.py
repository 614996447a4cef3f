"""One-time codes that a person can read out and type: drawn, written, read back, and hashed."""

from __future__ import annotations

import hashlib
import secrets
from typing import Optional

# Without 0 and O, 1, I and L, which people mistake for each other.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 8

_LONGEST = 64
_BETWEEN = str.maketrans("", "", " -_.\t\n\u2010\u2011\u2012\u2013\u2014\u00a0")


def draw() -> str:
    """A new code: 31 characters to the power of 8, some 10^12."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def written(code: str) -> str:
    """As people read it: K7QF-2M9X."""
    return f"{code[:4]}-{code[4:]}"


def read(text: str) -> Optional[str]:
    """The code that a person typed, whatever its case, spaces and dashes; None where it is none."""
    code = text[:_LONGEST].translate(_BETWEEN).upper()
    return code if len(code) == LENGTH and all(letter in ALPHABET for letter in code) else None


def digest(code: str, salt: bytes) -> str:
    """What is kept of a code: slow enough that a stolen file does not give it away while it is good."""
    return hashlib.scrypt(code.encode(), salt=salt, n=4096, r=8, p=1, dklen=32).hex()
