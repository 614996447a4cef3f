"""The pipelines, word for word, and what must be installed for them."""

from __future__ import annotations

from typing import FrozenSet

import pytest

from agent.config.csi import parse_csi
from agent.sources.gstreamer.decoders import LIBAV, NVIDIA, elements, lacking, pick
from agent.sources.gstreamer.pipelines import csi, middle, rtsp, rtsp_address, usb

SINK = (
    "appsink name=pictures caps=video/x-raw,format=BGRx max-buffers=1 drop=true sync=false "
    "enable-last-sample=false"
)


def test_rtsp() -> None:
    pipeline = rtsp(rtsp_address("rtsp://guard:s3cret@10.0.0.7:8554/live?channel=1"), "tcp", 10.0)
    assert pipeline.text == f"rtspsrc name=camera protocols=tcp latency=100 tcp-timeout=11000000 {SINK}"
    assert pipeline.properties == {
        "location": "rtsp://10.0.0.7:8554/live?channel=1",
        "user-id": "guard",
        "user-pw": "s3cret",
    }


def test_rtsp_over_udp_without_a_user() -> None:
    pipeline = rtsp(rtsp_address("rtsp://h/live"), "udp", 3.0)
    assert "protocols=udp" in pipeline.text
    assert pipeline.properties == {"location": "rtsp://h/live"}


def test_a_camera_signs_its_own_certificate() -> None:
    assert rtsp(rtsp_address("RTSPS://h/live"), "tcp", 3.0).properties == {
        "location": "rtsps://h/live",
        "tls-validation-flags": 0,
    }


@pytest.mark.parametrize(
    ("codec", "decoder", "text"),
    [
        ("H264", NVIDIA, "rtph264depay ! h264parse ! nvv4l2decoder enable-max-performance=1 ! nvvidconv"),
        ("H265", NVIDIA, "rtph265depay ! h265parse ! nvv4l2decoder enable-max-performance=1 ! nvvidconv"),
        ("H264", LIBAV, "rtph264depay ! h264parse ! avdec_h264 max-threads=1 ! videoconvert"),
        ("H265", LIBAV, "rtph265depay ! h265parse ! avdec_h265 max-threads=1 ! videoconvert"),
    ],
)
def test_each_codec_has_its_decoder(codec: str, decoder: object, text: str) -> None:
    assert isinstance(decoder, type(LIBAV))
    assert middle(codec, decoder) == f"queue ! {text}"


def test_the_jetsons_connector() -> None:
    pipeline = csi(parse_csi("csi:1?fps=15"))
    assert pipeline.text == (
        "nvarguscamerasrc name=camera ! video/x-raw(memory:NVMM),width=1920,height=1080,framerate=15/1,"
        f"format=NV12 ! nvvidconv ! {SINK}"
    )
    assert pipeline.properties == {"sensor-id": 1}


@pytest.mark.parametrize(("decoder", "converts"), [(NVIDIA, "nvvidconv"), (LIBAV, "videoconvert")])
def test_usb(decoder: object, converts: str) -> None:
    assert isinstance(decoder, type(LIBAV))
    pipeline = usb("/dev/video0", decoder)
    assert pipeline.text == f"v4l2src name=camera ! decodebin ! {converts} ! {SINK}"
    assert pipeline.properties == {"device": "/dev/video0"}


@pytest.mark.parametrize(
    ("url", "location", "user", "password"),
    [
        ("rtsp://a%40b:p%2Fq%20%21@h/x", "rtsp://h/x", "a@b", "p/q !"),
        ("rtsp://u@h:99/x", "rtsp://h:99/x", "u", ""),
        ("rtsp://u:a:b@[::1]:99/x", "rtsp://[::1]:99/x", "u", "a:b"),
        ('rtsp://u:" ! fakesink "@h/x', "rtsp://h/x", "u", '" ! fakesink "'),
        ("rtsp://h/x@y", "rtsp://h/x@y", None, None),
    ],
)
def test_credentials_are_taken_out_and_decoded(
    url: str, location: str, user: object, password: object
) -> None:
    address = rtsp_address(url)
    assert (address.location, address.user, address.password) == (location, user, password)


def test_the_port_has_a_default() -> None:
    ports = [rtsp_address(url).port for url in ("rtsp://h/x", "rtsps://h/x", "rtsp://h:99/x")]
    assert ports == [554, 322, 99]


@pytest.mark.parametrize("url", ["rtsp:///x", "rtsp://u:hunter2@:99/x", "rtsp://u:hunter2@h:x/"])
def test_an_address_without_a_host_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="host") as caught:
        rtsp_address(url)
    assert "hunter2" not in str(caught.value)


def test_no_secret_is_in_what_may_be_logged() -> None:
    address = rtsp_address("rtsp://guard:hunter2@h/x?token=abc")
    for text in (repr(address), repr(rtsp(address, "tcp", 1.0)), rtsp(address, "tcp", 1.0).text):
        assert "hunter2" not in text
        assert "guard" not in text


PC = frozenset({"rtspsrc", "queue", "rtph264depay", "h264parse", "avdec_h264", "videoconvert", "appsink"})
JETSON = PC | {"nvv4l2decoder", "nvvidconv"}


@pytest.mark.parametrize(
    ("there", "decoder"), [(PC, LIBAV), (JETSON, NVIDIA), (PC | {"nvv4l2decoder"}, LIBAV), (set(), LIBAV)]
)
def test_the_hardware_decodes_where_it_is_there(there: FrozenSet[str], decoder: object) -> None:
    assert pick(there.__contains__) == decoder


def test_the_elements_of_a_text_are_named_once() -> None:
    assert elements("a x=1 ! video/x-raw(memory:NVMM),y=2 ! b ! a") == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "reason", "advice"),
    [
        ("queue ! avdec_h265 ! h265parse", "avdec_h265, h265parse", "libav gstreamer1.0-plugins-bad"),
        ("v4l2src", "v4l2src", "apt install gstreamer1.0-plugins-good"),
        ("tee", "tee", "apt install libgstreamer1.0-0"),
        ("nvarguscamerasrc ! nvvidconv", "nvarguscamerasrc, nvvidconv", "only a Jetson has it"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_with_its_package(text: str, reason: str, advice: str) -> None:
    words = lacking(text, PC.__contains__)
    assert words is not None
    assert words.permanent
    assert words.reason == f"GStreamer has no {reason}"
    assert advice in words.advice


def test_nothing_is_missing() -> None:
    assert lacking(middle("H264", LIBAV), PC.__contains__) is None
