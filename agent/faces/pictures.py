"""Picture files as people send them: decoded within bounds, upright, or refused with a reason."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import contextmanager, suppress
from typing import Iterator

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from agent.enrolments import Reason
from agent.errors import BeffroiError
from agent.ports import Picture

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF")
LARGEST_FILE = 20 * 1024 * 1024
"""Bytes; as much as a Telegram bot may fetch."""
MOST_PIXELS = 50_000_000
"""Those of the largest telephone photos are 48 million; decoded, 150 MB."""
LONGEST_SIDE = 2048
"""Pixels of a decoded picture; larger ones are made smaller. The networks look at less."""
_MOST_SCANS = 200
"""Of a JPEG: each costs as much as a whole picture, in a few bytes. Cameras write 10 or so."""

_BEHIND = (127, 127, 127)
"""What shows where a picture is transparent."""

_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_OTHER_KINDS = (
    b"II*\0",
    b"MM\0*",
    b"%PDF",
    b"8BPS",
    b"\0\0\1\0",
    b"\xff\x0a",
    b"\0\0\0\x0cJXL ",
    b"\0\0\0\x0cjP  ",
)
"""How TIFF, PDF, PSD, ICO, JPEG XL and JPEG 2000 begin."""

_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, IndexError, OverflowError, KeyError, TypeError)
"""What Pillow raises at files that end early or contradict themselves, beside zlib's and struct's errors."""


class PictureError(BeffroiError):
    """A file is no picture that can be used; `reason` says why as a code, the message in English."""

    def __init__(self, message: str, reason: Reason) -> None:
        super().__init__(message)
        self.reason = reason


def decode(data: bytes) -> Picture:
    """The picture in a file: upright as its EXIF data say, at most 2048 pixels long, the first of several.

    Transparent parts become grey; embedded colour profiles are not applied. Takes up to 400 MB for a moment.
    Raises PictureError.
    """
    if len(data) > LARGEST_FILE or (data.startswith(b"\xff\xd8") and data.count(b"\xff\xda") > _MOST_SCANS):
        raise _too_large()
    with _refusing(data), Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            raise _too_large()
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        image.load()
        plain = _rgb(_upright(image))
        plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        return np.ascontiguousarray(np.asarray(plain, np.uint8)[..., ::-1])


def _upright(image: Image.Image) -> Image.Image:
    # A picture whose EXIF data make no sense is good as it is.
    with suppress(*_DAMAGED, struct.error):
        return ImageOps.exif_transpose(image) or image
    return image


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would clip
        return Image.fromarray(
            (np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8)
        ).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        behind = Image.new("RGBA", layer.size, (*_BEHIND, 255))
        return Image.alpha_composite(behind, layer).convert("RGB")
    return image.convert("RGB")


@contextmanager
def _refusing(data: bytes) -> Iterator[None]:
    """Whatever Pillow says becomes a reason."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise _too_large() from error
    except UnidentifiedImageError as error:
        raise _unknown(data) from error
    except (*_DAMAGED, struct.error, zlib.error) as error:
        raise PictureError("the picture is cut off or damaged: send it again", Reason.TRUNCATED) from error


def _too_large() -> PictureError:
    return PictureError(
        f"the picture is too large: at most {LARGEST_FILE >> 20} MB, {MOST_PIXELS // 10**6} million pixels",
        Reason.TOO_LARGE,
    )


def _unknown(data: bytes) -> PictureError:
    """Of a file that none of our formats can be seen in."""
    brand = data[8:12] if data[4:8] == b"ftyp" else b""
    if brand in _HEIC:
        return PictureError("HEIC pictures cannot be read: send it as JPEG", Reason.HEIC)
    if brand or data.startswith(_OTHER_KINDS) or b"<svg" in data[:1024]:
        return PictureError(
            "that kind of file cannot be read: send a JPEG, PNG, WebP, BMP or GIF", Reason.FORMAT
        )
    if data.startswith((b"\xff\xd8", b"\x89PNG", b"RIFF", b"GIF8", b"BM")):
        return PictureError("the picture is cut off or damaged: send it again", Reason.TRUNCATED)
    return PictureError("that is no picture", Reason.NOT_A_PICTURE)
