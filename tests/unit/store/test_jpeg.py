from __future__ import annotations

import pytest

from agent.store.jpeg import jpeg_size
from tests.fakes.pictures import jpeg


def test_the_size_is_read_from_the_header() -> None:
    assert jpeg_size(jpeg(width=70, height=33)) == (70, 33)


HEADLESS = b"\xff\xd8\xff\xda\x00\x04xxxxxx\xff\xd9"


@pytest.mark.parametrize("data", [b"", b"GIF89a", jpeg()[:-2], b"\xff\xd8\xff\xd9", HEADLESS])
def test_what_is_no_whole_jpeg_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="JPEG"):
        jpeg_size(data)
