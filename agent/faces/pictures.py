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
"""Of a JPEG: the largest telephone photos have 48 million. It is decoded at a fraction of its size."""
MOST_OTHER_PIXELS = 20_000_000
"""Of the other formats, which have to be decoded whole."""
LONGEST_SIDE = 2048
"""Pixels of a decoded picture; larger ones are made smaller. The networks look at less."""
_MOST_SCANS = 200
"""Of a JPEG: each costs as much as a whole picture, in a few bytes. Cameras write 10 or so."""

_BEHIND = (127, 127, 127)
"""What shows where a picture is transparent."""

_JPEG = b"\xff\xd8"
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

    Transparent parts become grey; embedded colour profiles are not applied. The largest JPEG takes 190 MB
    for a moment, the largest WebP 310 MB. Raises PictureError.
    """
    if len(data) > LARGEST_FILE or (data.startswith(_JPEG) and data.count(b"\xff\xda") > _MOST_SCANS):
        raise _too_large()
    with _refusing(data), Image.open(io.BytesIO(data), formats=FORMATS) as image:
        most = MOST_PIXELS if data.startswith(_JPEG) else MOST_OTHER_PIXELS
        if image.width * image.height > most:
            raise _too_large()
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        image.load()
        small = _resizable(image)
        small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        return np.ascontiguousarray(np.asarray(_rgb(_upright(small)), np.uint8)[..., ::-1])


def _upright(image: Image.Image) -> Image.Image:
    # A picture whose EXIF data make no sense is good as it is.
    with suppress(*_DAMAGED, struct.error):
        return ImageOps.exif_transpose(image) or image
    return image


def _resizable(image: Image.Image) -> Image.Image:
    """The same in a mode whose pixels can be averaged."""
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would clip
        return Image.fromarray((np.asarray(image) >> 8).clip(0, 255).astype(np.uint8))
    if image.mode in ("P", "PA", "1") or "transparency" in image.info:
        return image.convert("RGBA")
    return image


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA"):
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
    megabytes, jpeg, other = LARGEST_FILE >> 20, MOST_PIXELS // 10**6, MOST_OTHER_PIXELS // 10**6
    return PictureError(
        f"the picture is too large: {megabytes} MB at most, {jpeg} million pixels as JPEG, {other} otherwise",
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
    if data.startswith((_JPEG, b"\x89PNG", b"RIFF", b"GIF8", b"BM")):
        return PictureError("the picture is cut off or damaged: send it again", Reason.TRUNCATED)
    return PictureError("that is no picture", Reason.NOT_A_PICTURE)
