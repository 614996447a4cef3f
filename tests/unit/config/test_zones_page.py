"""The examples of docs/zones.md: valid, one for each kind of rule, each with its picture."""

from __future__ import annotations

import re
from pathlib import Path
from typing import List

import cv2
from ruamel.yaml import YAML

from agent.config.object_policy import object_policy_settings
from agent.config.object_settings import CameraObjectSettings
from agent.domain.policy.object_rules import RuleKind

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "zones.md").read_text(encoding="utf-8")


def examples() -> List[CameraObjectSettings]:
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    return [CameraObjectSettings.model_validate(YAML(typ="safe").load(block)) for block in blocks]


def test_each_kind_of_rule_has_an_example_that_needs_all_it_says() -> None:
    rules = [rule for section in examples() for rule in section.rules or []]
    assert [rule.when for rule in rules] == [kind.value for kind in RuleKind]
    assert [rule.needless for rule in rules] == [[]] * len(rules)
    assert all(object_policy_settings(section).rules for section in examples())


def test_each_picture_is_there() -> None:
    pictures = re.findall(r"\]\((images/[^)]+)\)", PAGE)
    assert len(pictures) == 1 + len(RuleKind)
    for picture in pictures:
        assert cv2.imread(str(DOCS / picture)) is not None, picture


def test_what_rules_are_about_is_listed() -> None:
    (line,) = re.findall(r"Rules are about (.*?)\. Fire", PAGE, re.DOTALL)
    (default,) = examples()[2].rules or []
    everything = object_policy_settings(
        CameraObjectSettings(rules=[default.model_copy(update={"labels": None, "zone": None})])
    )
    assert set(re.findall(r"`(\w+)`", line)) == everything.rules[0].labels
