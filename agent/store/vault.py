"""What is kept of people, encrypted: AES-256 in Galois/counter mode (NIST SP 800-38D)."""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from agent.config.face_key import KEY_BYTES, key_bytes
from agent.enrolments import PeopleError, Refusal

_NONCE_BYTES = 12


def new_key() -> str:
    """A key that nobody has seen, as text for a file: 32 random bytes in base64."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def key_of(text: str) -> bytes:
    """The 32 bytes that a key's text stands for. Raises PeopleError (BAD_KEY), without the text."""
    raw = key_bytes(text)
    if raw is None:
        raise PeopleError(
            f"faces.key is no key: it must be {KEY_BYTES} bytes in base64 or hexadecimal. "
            "Make one with `beffroi people key`",
            Refusal.BAD_KEY.value,
        )
    return raw


class Vault:
    """Seals and opens records. `place` says where a record belongs, so that none passes for another's."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, record: bytes, place: str) -> bytes:
        """The record, unreadable: a nonce of 12 bytes, the ciphertext, a tag of 16 bytes."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, record, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """The record. Raises PeopleError (DAMAGED) where it was changed, moved or sealed with another key."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise PeopleError(
                f"what the database holds as {place} cannot be opened: it was changed or is damaged. "
                "Forget that person and enrol them again",
                Refusal.DAMAGED.value,
            ) from error
