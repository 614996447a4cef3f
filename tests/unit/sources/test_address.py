"""No address is ever shown with what opens the camera."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sources.address import display


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://10.0.0.7:554/stream1", "rtsp://10.0.0.7:554/stream1"),
        ("rtsp://guard:hunter2@10.0.0.7/stream1", "rtsp://10.0.0.7/stream1"),
        ("rtsp://guard:hun@ter/2?@10.0.0.7/live?channel=1", "rtsp://10.0.0.7/live?channel=1"),
        ("rtsp://10.0.0.7/cam?channel=1&subtype=0", "rtsp://10.0.0.7/cam?channel=1&subtype=0"),
        ("https://host/live.m3u8?token=abc&id=12345", "https://host/live.m3u8?token=***&id=***"),
        ("http://host/video?flag", "http://host/video?flag"),
        (
            "rtsp://10.0.0.7/user=admin_password=tlJwpbo6_channel=1.sdp",
            "rtsp://10.0.0.7/user=***_password=***_channel=1.sdp",
        ),
        ("/videos/a@b.mp4", "/videos/a@b.mp4"),
    ],
)
def test_credentials_are_left_out(url: str, shown: str) -> None:
    assert display(url) == shown


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6).map(lambda s: f"Zq{s}qZ"))
def test_no_password_shows(password: str) -> None:
    assert password not in display(f"rtsp://guard:{password}@camera.local/live")
    assert "guard" not in display(f"rtsp://guard:{password}@camera.local/live")
