"""Reading a `scene:` address."""

from __future__ import annotations

import pytest

from agent.errors import SourceError
from agent.sources.scene import SceneOptions, parse_scene_url


def test_an_address_without_options_has_the_defaults() -> None:
    assert parse_scene_url("scene:") == SceneOptions()


def test_every_option_can_be_given() -> None:
    url = "scene:?seed=3&calm_s=1&smoke_s=2.5&flame_s=3&fire_s=4&out_s=5&width=320&height=180&fps=25&pace=max"
    assert parse_scene_url(url) == SceneOptions(3, 1.0, 2.5, 3.0, 4.0, 5.0, 320, 180, 25.0, "max")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("scene:?sed=3", "did you mean 'seed'"),
        ("scene:?zzz=3", "use seed, calm_s"),
        ("scene:?seed=-1", "whole number from 0"),
        ("scene:?seed=1.5", "whole number"),
        ("scene:?seed=²", "whole number"),
        ("scene:?seed=", "whole number"),
        ("scene:?width=10", "from 160 to 3840"),
        ("scene:?fps=0", "number from 0.1 to 60"),
        ("scene:?fire_s=long", "fire_s='long'"),
        ("scene:?fire_s=nan", "fire_s='nan'"),
        ("scene:?calm_s=-1", "number from 0"),
        ("scene:?pace=slow", "write own or max"),
        ("scene:?seed=1&seed=2", "given twice"),
        ("scene:?calm_s=0&smoke_s=0&flame_s=0&fire_s=0", "every phase"),
        ("scene:?width=400&height=400", "1.2 to 2.4"),
        ("scene://street", "write scene:"),
        ("scene:street", "write scene:"),
        ("rtsp://host/1", "not a scene"),
    ],
)
def test_a_wrong_address_is_refused_for_good_and_says_what_to_write(url: str, says: str) -> None:
    with pytest.raises(SourceError, match=says.replace("(", r"\(")) as refused:
        parse_scene_url(url)
    assert refused.value.permanent
    assert not refused.value.stalled
