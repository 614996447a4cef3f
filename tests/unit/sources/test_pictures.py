"""Pictures of every sort play as a film; what is no picture is skipped or refused."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from agent.errors import SourceError
from agent.sources.files import PathSource
from agent.sources.picture_size import picture_size
from agent.sources.pictures import load_picture
from tests.fakes.films import write_film


def write(path: Path, pixels: Any) -> Path:
    coded, data = cv2.imencode(path.suffix, pixels)
    assert coded
    path.write_bytes(data.tobytes())
    return path


def grey(shade: int, height: int = 20, width: int = 30) -> Any:
    return np.full((height, width), shade, np.uint8)


def test_a_folder_plays_in_the_natural_order_of_its_names(tmp_path: Path) -> None:
    for number, name in enumerate(["p1.png", "p2.jpg", "p10.bmp", "p11.webp"]):
        write(tmp_path / name, grey(40 * number + 20))
    write(tmp_path / ".hidden.png", grey(255))
    (tmp_path / "notes.txt").write_text("no picture")
    stream = PathSource(tmp_path).open()
    played = list(iter(stream.read, None))
    assert [round(float(picture.pixels.mean()) / 10) for picture in played] == [2, 6, 10, 14]
    assert [picture.media_s for picture in played] == [0.0, 0.2, 0.4, 0.6]
    stream.close()
    assert stream.read() is None


def test_one_picture_is_a_short_film(tmp_path: Path) -> None:
    stream = PathSource(write(tmp_path / "one.png", grey(9))).open()
    assert stream.read() is not None
    assert stream.read() is None


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_any_depth_and_colour_becomes_8_bit_bgr(tmp_path: Path, channels: int, kind: type) -> None:
    top = np.iinfo(kind).max
    loaded = load_picture(write(tmp_path / "p.png", np.full((7, 5, channels), top, kind)))
    assert (loaded.shape, loaded.dtype.name) == ((7, 5, 3), "uint8")
    assert loaded.min() == 255


def test_a_picture_is_upright_by_its_exif(tmp_path: Path) -> None:
    pixels = grey(0, 40, 80)
    pixels[:, :20] = 255
    jpeg = write(tmp_path / "p.jpg", pixels)
    tiff = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, 6, 0, 0)  # turn clockwise
    exif = b"Exif\0\0" + tiff
    data = jpeg.read_bytes()
    jpeg.write_bytes(data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:])
    loaded = load_picture(jpeg)
    assert loaded.shape == (80, 40, 3)
    assert loaded[:15].min() > 200 > 50 > loaded[30:].max()


def test_damaged_pictures_are_skipped(tmp_path: Path) -> None:
    write(tmp_path / "2.png", grey(5))
    (tmp_path / "1.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(30))
    (tmp_path / "3.jpg").write_bytes(b"")
    stream = PathSource(tmp_path).open()
    picture = stream.read()
    assert picture is not None
    assert picture.media_s == 0.0
    assert stream.read() is None


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )
    with pytest.raises(SourceError, match="60000 x 60000 is too large"):
        load_picture(bomb)


@pytest.mark.parametrize("content", [b"", b"text", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM"])
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p.png").write_bytes(content)
    with pytest.raises(SourceError, match="empty, damaged or not a picture"):
        load_picture(tmp_path / "p.png")


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".webp"])
def test_sizes_are_read_from_the_header(tmp_path: Path, suffix: str) -> None:
    data = write(tmp_path / f"p{suffix}", grey(90, 33, 57)).read_bytes()
    assert picture_size(data) == (57, 33)


def test_every_form_of_webp_has_a_size() -> None:
    pixels = grey(90, 33, 57)
    lossless = cv2.imencode(".webp", pixels, [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes()
    assert picture_size(lossless) == (57, 33)
    extended = (
        b"RIFF" + bytes(4) + b"WEBPVP8X" + bytes(8) + (56).to_bytes(3, "little") + (32).to_bytes(3, "little")
    )
    assert picture_size(extended) == (57, 33)
    assert picture_size(b"RIFF" + bytes(4) + b"WEBPxxxx" + bytes(20)) is None


def test_a_jpeg_without_a_frame_has_no_size() -> None:
    assert picture_size(b"\xff\xd8\xff\xff\xd0\xff\xe0\x00\x04ab\x00\x00") is None


def test_an_empty_folder_or_file_and_a_missing_one_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no picture in it"):
        PathSource(tmp_path).open()
    (tmp_path / "film.mp4").touch()
    with pytest.raises(SourceError, match="the file is empty"):
        PathSource(tmp_path / "film.mp4").open()
    with pytest.raises(SourceError, match="no such file or folder") as caught:
        PathSource(tmp_path / "elsewhere.mp4").open()
    assert caught.value.permanent


def test_a_folder_of_nothing_readable_is_refused(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"no")
    with pytest.raises(SourceError, match="not one picture"):
        PathSource(tmp_path).open().read()


def test_a_picture_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is a directory"):
        load_picture(tmp_path)


def test_a_film_is_played_by_ffmpeg(tmp_path: Path) -> None:
    stream = PathSource(write_film(tmp_path / "film.mp4")).open()
    assert stream.read() is not None
    stream.close()
