"""Callback data comes from other people's devices: anything may be in it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from alerts.telegram.buttons import Pressed, Verb, decode, encode

IDS = st.from_regex(re.compile(r"[A-Za-z0-9_-]{1,56}", re.ASCII), fullmatch=True)


@given(st.sampled_from(Verb), IDS)
def test_what_is_encoded_is_decoded(verb: Verb, incident_id: str) -> None:
    data = encode(Pressed(verb, incident_id))
    assert len(data.encode()) <= 64
    assert decode(data) == Pressed(verb, incident_id)


@given(st.one_of(st.none(), st.text(), st.from_regex(r"(ack|false|live|hush):.*")))
def test_anything_else_is_nothing_or_comes_back_the_same(data: str | None) -> None:
    pressed = decode(data)
    assert pressed is None or encode(pressed) == data
