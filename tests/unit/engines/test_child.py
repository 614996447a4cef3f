"""The process that builds, in this one: on the pretended TensorRT and its real run-time session."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List

from agent.engines.child import run
from agent.engines.machine import find_toolkit
from agent.engines.order import Order, key_of, order
from agent.engines.shelf import Shelf
from agent.errors import BundleError, EngineError
from agent.inference.bundle import Bundle
from tests.fakes.tensorrt import Fake
from tests.fakes.tensorrt.builder import Complaint
from tests.unit.engines.ordering import settings


def said(wanted: Order, code: int = 0) -> List[Dict[str, Any]]:
    out = io.StringIO()
    assert run(wanted.to_json(), out) == code
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_an_engine_is_built_run_and_kept(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    wanted = order(settings(tmp_path, bundle, precision="fp16"))
    words = said(wanted)
    key = key_of(bundle, wanted.recipe, find_toolkit())
    assert words[0] == {"stage": "reading the model", "share": None}
    assert words[-1] == {"done": key.name}
    stored = Shelf(tmp_path).get(key)
    assert stored is not None
    assert stored.record.parity.max_error < 1e-3
    fake.assert_clean()


def test_an_engine_that_computes_otherwise_is_refused(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    right = fake.compute
    fake.compute = lambda plan, inputs: {name: -value for name, value in right(plan, inputs).items()}
    (*_, last) = said(order(settings(tmp_path, bundle)), EngineError.exit_code)
    assert "does not see what ONNX Runtime sees" in last["failed"]
    assert Shelf(tmp_path).records() == []
    fake.assert_clean()


def test_what_goes_wrong_is_its_last_word(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    wanted = order(settings(tmp_path, bundle))
    fake.refusals = [Complaint("No importer registered for op: Gemm", 2)]
    (*_, last) = said(wanted, EngineError.exit_code)
    assert "layer logits (Gemm)" in last["failed"]
    bundle.model.write_bytes(b"exchanged")
    (last,) = said(wanted, BundleError.exit_code)
    assert "is not the model" in last["failed"]


def test_it_lets_the_agent_go_first() -> None:
    program = (
        "from agent.engines.child import stand_back; import os; stand_back(); "
        "print(os.nice(0), open('/proc/self/oom_score_adj').read().strip())"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    nice, killed_first = found.stdout.split()
    assert int(nice) == min(19, os.nice(0) + 10)
    assert int(killed_first) == 1000
