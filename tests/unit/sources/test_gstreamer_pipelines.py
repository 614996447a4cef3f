"""The pipelines as text, and the addresses that go into them."""

from __future__ import annotations

import pytest

from agent.config.csi import CsiAddress
from agent.sources.gstreamer import pipelines
from agent.sources.gstreamer.decoders import LIBAV, NVIDIA, Decoder, elements, is_jetson, lacking, pick

SINK = (
    "appsink name=pictures caps=video/x-raw,format=BGRx max-buffers=1 drop=true sync=false "
    "enable-last-sample=false"
)


@pytest.mark.parametrize(
    ("codec", "decoder", "text"),
    [
        (
            "H264",
            NVIDIA,
            "queue ! rtph264depay ! h264parse ! nvv4l2decoder enable-max-performance=1 ! nvvidconv",
        ),
        (
            "H265",
            NVIDIA,
            "queue ! rtph265depay ! h265parse ! nvv4l2decoder enable-max-performance=1 ! nvvidconv",
        ),
        ("H264", LIBAV, "queue ! rtph264depay ! h264parse ! avdec_h264 max-threads=1 ! videoconvert"),
        ("H265", LIBAV, "queue ! rtph265depay ! h265parse ! avdec_h265 max-threads=1 ! videoconvert"),
    ],
)
def test_what_goes_between_camera_and_sink(codec: str, decoder: Decoder, text: str) -> None:
    assert pipelines.middle(codec, decoder) == text


def test_an_rtsp_camera() -> None:
    address = pipelines.rtsp_address("rtsp://guard:p%40ss@10.0.0.7/a?b=c")
    made = pipelines.rtsp(address, "tcp", 10.0)
    assert made.text == f"rtspsrc name=camera protocols=tcp latency=100 tcp-timeout=11000000 {SINK}"
    assert made.properties == {"location": "rtsp://10.0.0.7/a?b=c", "user-id": "guard", "user-pw": "p@ss"}
    assert (address.host, address.port) == ("10.0.0.7", 554)
    assert "p@ss" not in repr(made) + repr(address)


def test_an_encrypted_camera_signs_for_itself() -> None:
    address = pipelines.rtsp_address("RTSPS://camera.example")
    assert (address.location, address.port) == ("rtsps://camera.example", 322)
    assert pipelines.rtsp(address, "udp", 1.0).properties["tls-validation-flags"] == 0


@pytest.mark.parametrize(
    ("url", "told"),
    [("rtsp:///path", "names no host"), ("rtsp://h:no/", "a host or port that cannot be read")],
)
def test_an_address_that_names_nobody(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        pipelines.rtsp_address(url)


def test_the_connector_of_the_jetson() -> None:
    made = pipelines.csi(CsiAddress(1, 1280, 720, 15))
    assert made.text == (
        "nvarguscamerasrc name=camera ! video/x-raw(memory:NVMM),width=1280,height=720,framerate=15/1,"
        f"format=NV12 ! nvvidconv ! {SINK}"
    )
    assert made.properties == {"sensor-id": 1}


def test_a_usb_camera() -> None:
    made = pipelines.usb("/dev/video0", LIBAV)
    assert made.text == f"v4l2src name=camera ! decodebin ! videoconvert ! {SINK}"
    assert made.properties == {"device": "/dev/video0"}


def test_the_decoder_is_the_jetsons_where_it_is_whole() -> None:
    assert pick({"nvv4l2decoder", "nvvidconv"}.__contains__) is NVIDIA
    assert pick({"nvv4l2decoder"}.__contains__) is LIBAV
    assert not is_jetson(set().__contains__)


def test_what_is_missing_is_named_with_its_package() -> None:
    text = pipelines.middle("H265", LIBAV)
    there = set(elements(text))
    assert lacking(text, there.__contains__) is None
    words = lacking(text, (there - {"h265parse", "avdec_h265"}).__contains__)
    assert words is not None
    assert words.reason == "GStreamer has no h265parse, avdec_h265"
    assert words.advice == "run `sudo apt install gstreamer1.0-libav gstreamer1.0-plugins-bad`"
    assert words.permanent


def test_what_only_a_jetson_has() -> None:
    text = pipelines.csi(CsiAddress(0)).text
    words = lacking(text, {"appsink"}.__contains__)
    assert words is not None
    assert words.advice == "only a Jetson has it, with the package nvidia-l4t-gstreamer"
