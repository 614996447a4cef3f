"""Whatever the file holds, it loads or is refused with places and without secrets."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Iterator, List, Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.config.loader import load
from agent.config.problems import InvalidConfigError

EXAMPLE = (Path(__file__).parents[2] / "deploy" / "beffroi.example.yaml").read_text(encoding="utf-8")
SECRETS = ("Zq7-url-secret", "Zq7-broker-secret", "Zq7-environment-secret", "Zq7-file-secret")
ENVIRON = {"VAR": SECRETS[2]}
WHOLE = f"""\
site: brussels
cameras:
  - rtsp://watch:{SECRETS[0]}@10.0.0.7/stream1
  - id: yard
    url: https://watch:${{VAR}}@10.0.0.8/stream2
    read_timeout_s: 5
    location: {{latitude: 50.8, longitude: 4.3}}
  - url: file:secret
fire:
  needed: 5
  open_above: 0.6
mqtt:
  host: broker.example
  port: 8883
  username: beffroi
  password: {SECRETS[1]}
  tls:
    ca_file: /etc/ca.pem
jobs: {{nightly_at: "03:30"}}
"""
PLACE = re.compile(r"\d+:\d+: .+")
_SIGNS = list("\t\n :-[]{}#&*!|>'\"%@`,?$~\\")
_WORDS = """
    ${ ${VAR} ${NO} $${ --- ... &a *a !!str null true -1 1e999 .nan 0x1F file: <<: |- >+ cameras: 0o17
    [[[[[[[[[[[[[[[[[[[[ 99999999999999999999999999999999 \u2028 \x85 \U0001f525 \ufeff
"""
PIECES = st.sampled_from(
    [*_SIGNS, *_WORDS.split(), ": ", "- ", "\r\n", "---\n", "%YAML 1.1\n", "&a ", "!!str "]
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "secret").write_text(f"rtsp://watch:{SECRETS[3]}@10.0.0.9/", encoding="utf-8")
        yield Path(name)


def verdict(folder: Path, text: str, environ: Mapping[str, str]) -> str:
    """The error's text, or nothing where the file loads; fails where it ends any other way."""
    path = folder / "beffroi.yaml"
    path.write_bytes(text.encode("utf-8", errors="replace"))
    try:
        load(path, environ)
    except InvalidConfigError as error:
        message = str(error)
    else:
        return ""
    for place in message.split("\n"):
        assert place.startswith(f"{path}:")
        assert PLACE.fullmatch(place[len(f"{path}:") :]), place
    return message


def outside_secrets(text: str) -> List[int]:
    inside = {
        place
        for secret in SECRETS
        for found in re.finditer(re.escape(secret), text)
        for place in range(found.start(), found.end())
    }
    return [place for place in range(len(text)) if place not in inside and place - 1 not in inside]


@given(text=st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=40).map("".join)))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_loads_or_is_refused(folder: Path, text: str) -> None:
    verdict(folder, text, {})


@given(data=st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_load_or_are_refused(folder: Path, data: bytes) -> None:
    path = folder / "bytes.yaml"
    path.write_bytes(data)
    with pytest.raises(InvalidConfigError):
        load(path, {})


@given(data=st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_slip_of_the_pen_shows_no_secret(folder: Path, data: st.DataObject) -> None:
    text = WHOLE
    for _ in range(data.draw(st.integers(1, 3), label="slips")):
        # Between the secrets, not in them: what is left of half a password cannot be known to be one.
        where = data.draw(st.sampled_from(outside_secrets(text)), label="where")
        drop = data.draw(st.integers(0, 1))
        text = text[:where] + data.draw(st.one_of(PIECES, st.just(""))) + text[where + drop :]
    message = verdict(folder, text, ENVIRON)
    for secret in SECRETS:
        assert secret not in message, text


@given(data=st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_lines_of_the_example_in_any_state_load_or_are_refused(folder: Path, data: st.DataObject) -> None:
    lines = EXAMPLE.split("\n")
    for number in data.draw(
        st.lists(st.integers(0, len(lines) - 1), max_size=12), label="uncommented or cut"
    ):
        lines[number] = lines[number].replace("#", "", 1) if "#" in lines[number] else ""
    verdict(folder, "\n".join(lines), {})


def test_the_untouched_text_loads(folder: Path) -> None:
    assert verdict(folder, WHOLE, ENVIRON) == ""
