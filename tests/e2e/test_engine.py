"""The whole agent with TensorRT: what the city hears of an engine that fails, and of one that looks."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Dict

from agent.config.settings import Settings
from agent.engines.child import run
from agent.engines.order import order
from tests.e2e.test_agent import told
from tests.e2e.whole import PATIENCE_S, ROOT, Document, alive, document, past, transitions
from tests.fakes.broker import Broker
from tests.fakes.city import check
from tests.fakes.listener import Listener
from tests.fakes.tensorrt import fake_tensorrt

DEVICE = f"{ROOT}/incident/device"


def with_engine(config: Document) -> None:
    """Build what the configuration asks for, as the building process does."""
    out = io.StringIO()
    assert run(order(Settings.model_validate(config)).to_json(), out) == 0, out.getvalue()


def test_a_build_that_fails_is_told_and_over_once_there_is_an_engine(
    tmp_path: Path, bundle: Path, calm: Path, broker: Broker
) -> None:
    data = tmp_path / "data"
    config = told(broker, document(data, bundle, yard=calm))
    with fake_tensorrt("10.3"), Listener(broker.port) as listener:
        # The building process is a real one, which finds no TensorRT.
        with alive(config):
            event = listener.wait_topic(f"{DEVICE}/opened", timeout_s=PATIENCE_S).json
        check("incident-event", event)
        assert event["source"] == "/town/tower"
        assert (event["data"]["camera"], event["data"]["reason"]) == (None, "engine")
        status: Dict[str, Any] = listener.wait_topic(f"{ROOT}/status", timeout_s=PATIENCE_S).json
        assert status["models"][0]["backend"] == "onnxruntime"

        with_engine(config)
        with alive(config) as agent:
            listener.wait_topic(f"{DEVICE}/resolved", timeout_s=PATIENCE_S)
            (model,) = agent.controls.status().models
            assert (model.backend, model.precision) == ("tensorrt", "fp16")
    (stored,) = past(data)
    assert transitions(stored) == ["device opened", "device resolved"]


def test_onnx_runtime_that_is_asked_for_is_no_trouble(
    tmp_path: Path, bundle: Path, calm: Path, broker: Broker
) -> None:
    config = document(tmp_path / "data", bundle, yard=calm)
    config["fire"] = {**config["fire"], "backend": "onnxruntime"}
    with fake_tensorrt("10.3"), alive(config) as agent:
        (model,) = agent.controls.status().models
        assert model.backend == "onnxruntime"
    assert past(tmp_path / "data") == []
