"""Picture files that people send by mistake, by habit or in anger."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any, Optional, Tuple

import numpy as np
import pytest
from PIL import Image

from agent.enrolments import Reason
from agent.faces import pictures
from agent.faces.pictures import LARGEST_FILE, LONGEST_SIDE, PictureError, decode
from agent.ports import Picture

SIZE = (64, 48)
RED, BLUE = (220, 30, 20), (20, 30, 220)


def two_halves(size: Tuple[int, int] = SIZE) -> Image.Image:
    """Red at the left, blue at the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, size[0], size[1]))
    return image


def saved(image: Image.Image, format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def colours(picture: Picture, left: Tuple[int, ...] = RED, right: Tuple[int, ...] = BLUE) -> bool:
    """Whether the halves have these colours (R, G, B), as near as JPEG keeps them."""
    height, width = picture.shape[:2]
    seen = picture[height // 2, [width // 8, -width // 8]][:, ::-1].astype(int)
    return bool(np.abs(seen - [left, right]).max() < 40)


def reason(data: bytes) -> Reason:
    with pytest.raises(PictureError) as caught:
        decode(data)
    assert str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "BMP", "GIF"])
def test_every_format_becomes_bgr(format: str) -> None:
    picture = decode(saved(two_halves(), format))
    assert picture.shape == (48, 64, 3)
    assert picture.dtype == np.uint8
    assert picture.flags["C_CONTIGUOUS"]
    assert colours(picture)


@pytest.mark.parametrize(
    ("mode", "format"),
    [("CMYK", "JPEG"), ("P", "PNG"), ("P", "GIF"), ("RGBA", "PNG"), ("RGBA", "WEBP")],
)
def test_every_kind_of_colour(mode: str, format: str) -> None:
    assert colours(decode(saved(two_halves().convert(mode), format)))


@pytest.mark.parametrize("mode", ["L", "1", "LA"])
def test_grey_stays_grey(mode: str) -> None:
    picture = decode(saved(two_halves().convert(mode), "PNG"))
    assert picture.shape == (48, 64, 3)
    assert (picture[..., 0] == picture[..., 2]).all()


def test_sixteen_bits_of_grey_are_not_clipped() -> None:
    deep = np.linspace(0, 65535, 64 * 48).reshape(48, 64).astype(np.uint16)
    picture = decode(saved(Image.fromarray(deep), "PNG"))
    assert picture[0, 0, 0] == 0
    assert abs(int(np.median(picture)) - 127) < 3
    assert picture[-1, -1, 0] == 255


def test_what_is_transparent_becomes_grey() -> None:
    image = Image.new("RGBA", SIZE, (255, 0, 0, 0))
    assert (decode(saved(image, "PNG")) == 127).all()
    palette = Image.new("P", SIZE, 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    assert (decode(saved(palette, "GIF", transparency=1)) == 127).all()


@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (1, None),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (6, Image.Transpose.ROTATE_90),
        (8, Image.Transpose.ROTATE_270),
    ],
)
def test_exif_says_what_is_up(orientation: int, stored: Optional[Image.Transpose]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = two_halves() if stored is None else two_halves().transpose(stored)
    picture = decode(saved(image, "JPEG", exif=exif.tobytes(), quality=95))
    assert picture.shape[:2] == (48, 64)
    assert colours(picture)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_exif_that_makes_no_sense_is_passed_over() -> None:
    data = saved(two_halves(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff\x12\x01" + b"\xff" * 40)
    assert colours(decode(data))


def test_of_a_film_the_first_picture_counts() -> None:
    frames = [Image.new("RGB", SIZE, colour) for colour in (BLUE, RED)]
    for kind in ("GIF", "WEBP", "PNG"):
        data = saved(two_halves(), kind, save_all=True, append_images=frames)
        assert colours(decode(data)), kind


def test_large_pictures_become_smaller() -> None:
    picture = decode(saved(two_halves((5000, 2500)), "JPEG"))
    assert picture.shape == (LONGEST_SIDE // 2, LONGEST_SIDE, 3)
    assert colours(picture)
    assert decode(saved(two_halves((100, 4000)), "PNG")).shape[0] == LONGEST_SIDE


def png_of(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG that says it has that size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "size", [(5000, 4100), (8000, 8000), (12_000, 12_000), (60_000, 60_000), (2**31 - 1, 1)]
)
def test_a_bomb_is_not_unpacked(size: Tuple[int, int]) -> None:
    assert reason(png_of(*size, data=zlib.compress(bytes(10**6)))) is Reason.TOO_LARGE


def test_a_film_whose_canvas_is_a_bomb_is_not_unpacked() -> None:
    data = bytearray(saved(two_halves(), "WEBP", save_all=True, append_images=[Image.new("RGB", SIZE)]))
    at = data.index(b"VP8X") + 12
    data[at : at + 6] = (16_382).to_bytes(3, "little") * 2
    assert reason(bytes(data)) is Reason.TOO_LARGE


def test_a_text_that_swells_is_no_harm() -> None:
    swollen = b"zTXt" + b"a\0\0" + zlib.compress(bytes(80 * 1024 * 1024))
    body = struct.pack(">I", len(swollen) - 4) + swollen + struct.pack(">I", zlib.crc32(swollen))
    data = saved(two_halves(), "PNG")
    assert reason(data[:33] + body + data[33:]) is Reason.TRUNCATED


def test_a_file_that_is_too_long() -> None:
    data = saved(two_halves(), "JPEG")
    assert reason(data + bytes(LARGEST_FILE)) is Reason.TOO_LARGE


def test_a_jpeg_of_endless_scans() -> None:
    data = saved(two_halves(), "JPEG", progressive=True)
    scans = data[data.index(b"\xff\xda") : -2]
    assert colours(decode(data))
    assert reason(data[:-2] + scans * 200 + data[-2:]) is Reason.TOO_LARGE


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "BMP", "GIF"])
@pytest.mark.parametrize("share", [0.03, 0.3, 0.6])
def test_files_that_end_early(format: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (100, 100, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise), format)
    assert reason(data[: max(12, int(len(data) * share))]) is Reason.TRUNCATED


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "BMP", "GIF"])
def test_files_with_bytes_exchanged_do_not_get_through_as_something_else(format: str) -> None:
    rng = np.random.default_rng(2)
    data = np.frombuffer(saved(two_halves(), format), np.uint8)
    for _ in range(60):
        broken = data.copy()
        broken[rng.integers(0, len(data), 4)] = rng.integers(0, 256, 4)
        try:
            picture = decode(broken.tobytes())
        except PictureError:
            continue
        assert picture.ndim == 3
        assert max(picture.shape) <= LONGEST_SIDE


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", Reason.NOT_A_PICTURE),
        (b"hello, this is no picture", Reason.NOT_A_PICTURE),
        (bytes(1000), Reason.NOT_A_PICTURE),
        (b"\0\0\0\x18ftypheic" + bytes(100), Reason.HEIC),
        (b"\0\0\0\x18ftypmif1" + bytes(100), Reason.HEIC),
        (b"\0\0\0\x18ftypisom" + bytes(100), Reason.FORMAT),
        (b"%PDF-1.7 ...", Reason.FORMAT),
        (b"<?xml version='1.0'?><svg xmlns=''/>", Reason.FORMAT),
        (saved(two_halves(), "TIFF"), Reason.FORMAT),
        (saved(two_halves(), "ICO"), Reason.FORMAT),
        (saved(two_halves(), "PPM"), Reason.NOT_A_PICTURE),
    ],
)
def test_what_is_something_else_is_told_by_its_name(data: bytes, expected: Reason) -> None:
    assert reason(data) is expected


def test_what_memory_does_not_suffice_for_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(image: Image.Image) -> Image.Image:
        raise MemoryError

    monkeypatch.setattr(pictures, "_rgb", exhausted)
    assert reason(saved(two_halves(), "PNG")) is Reason.TOO_LARGE
