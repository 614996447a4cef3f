"""The notebook says what the verbs take: it is not run here, for that takes hours of training."""

from __future__ import annotations

import ast
import json
import re
import shlex
from pathlib import Path
from typing import List

import pytest

from models.__main__ import VERBS

ROOT = Path(__file__).parents[3]
NOTEBOOK = json.loads((ROOT / "docs" / "train.ipynb").read_text(encoding="utf-8"))
LINES: List[str] = [
    line for cell in NOTEBOOK["cells"] for line in "".join(cell["source"]).replace("\\\n", "").splitlines()
]
ORDERS = [shlex.split(line)[3:] for line in LINES if line.startswith("!python -m models ")]


def taken(verb: str) -> List[str]:
    """The options that the verb's source names; it may need torch, so that it is read and not imported."""
    module, _ = VERBS[verb]
    source = (ROOT / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
    texts = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    return [text for text in texts if isinstance(text, str) and re.fullmatch(r"--[a-z-]+", text)]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order[0])
def test_every_order_is_one_that_its_verb_takes(order: List[str]) -> None:
    verb, *arguments = order
    options = [one for one in arguments if one.startswith("--")]
    assert options
    assert set(options) <= set(taken(verb))


def test_the_whole_way_is_in_it() -> None:
    assert [order[0] for order in ORDERS] == [
        *("data", "train", "export", "prune", "train", "export", "quantise", "compare", "explain")
    ]


def test_it_holds_no_output() -> None:
    assert all(not cell.get("outputs") for cell in NOTEBOOK["cells"])
