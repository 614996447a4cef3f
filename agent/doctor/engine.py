"""Whether TensorRT's engine of the model is the one that the configuration and this machine ask for."""

from __future__ import annotations

from typing import Callable

from agent.config.settings import Settings
from agent.device import libraries
from agent.doctor.finding import Finding, failed, not_applicable, ok, warning
from agent.doctor.subject import Subject
from agent.engines.key import EngineKey
from agent.engines.machine import NoToolkitError, Toolkit, find_toolkit
from agent.engines.order import key_of, recipe
from agent.engines.shelf import Shelf
from agent.errors import EngineError
from agent.inference.bundle import load_bundle

_BUILD = "`beffroi engines build` as the agent's user, or let the agent do it; meanwhile ONNX Runtime looks"


def engine(subject: Subject, find: Callable[[], Toolkit] = find_toolkit) -> Finding:
    """Reads the shelf and changes nothing on it."""
    settings = subject.settings
    if settings is None:
        return not_applicable("no configuration")
    if settings.fire.backend == "onnxruntime":
        return not_applicable("fire.backend is onnxruntime, which needs no engine")
    # Imported here only once another process has survived it.
    if libraries.imported("tensorrt", subject.ask).version is None:
        return _without_tensorrt(settings)
    try:
        toolkit = find()
    except NoToolkitError:
        return _without_tensorrt(settings)
    except EngineError as error:
        return failed(str(error), "see the check devices")
    bundle = load_bundle(settings.fire.bundle)
    try:
        key = key_of(bundle, recipe(settings, bundle), toolkit)
    except EngineError as error:
        return failed(str(error), "correct the section tensorrt; meanwhile ONNX Runtime looks")
    return _judge(key, Shelf(settings.store.folder))


def _without_tensorrt(settings: Settings) -> Finding:
    if settings.fire.backend == "tensorrt":
        return failed(
            "fire.backend is tensorrt, which cannot be used here",
            "see the check tensorrt, or write backend: auto",
        )
    return not_applicable("TensorRT is not installed: no engine is needed")


def _judge(key: EngineKey, shelf: Shelf) -> Finding:
    of_model = [record for record in shelf.records() if record.key.model_sha256 == key.model_sha256]
    for record in of_model:
        if record.key == key:
            return ok(
                f"{key.precision} for TensorRT {key.machine.tensorrt}, built {record.built_at:%Y-%m-%d}"
            )
    failure = shelf.failure(key)
    if failure is not None:
        return warning(f"could not be built on {failure.at:%Y-%m-%d}: {failure.why}", _BUILD)
    if not of_model:
        return warning("there is no engine of the model yet", _BUILD)
    return warning(_difference(key, of_model[0].key), _BUILD)


def _difference(wanted: EngineKey, there: EngineKey) -> str:
    if there.machine != wanted.machine:
        return (
            f"built for TensorRT {there.machine.tensorrt} on {there.machine.gpu}; here are "
            f"{wanted.machine.tensorrt} and {wanted.machine.gpu}"
        )
    return f"built otherwise ({there.precision}) than the configuration asks for ({wanted.precision})"
