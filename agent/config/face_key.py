"""The key of people's records, as text: 32 bytes in base64 or hexadecimal."""

from __future__ import annotations

import base64
import re
from typing import Optional

KEY_BYTES = 32
_HEX = re.compile(r"[0-9a-fA-F]{64}")


def key_bytes(text: str) -> Optional[bytes]:
    """The 32 bytes that a text stands for, in base64 (also the URL's alphabet, also without padding) or in
    hexadecimal; None where it is no such text."""
    text = text.strip()
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    bare = text.replace("+", "-").replace("/", "_").rstrip("=")
    try:
        raw = base64.b64decode(bare + "=" * (-len(bare) % 4), b"-_", validate=True)
    except ValueError:
        return None
    return raw if len(raw) == KEY_BYTES else None
