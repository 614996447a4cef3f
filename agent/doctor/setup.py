"""The configuration, the model and its engine."""

from __future__ import annotations

from agent.config.fire_settings import FireSettings
from agent.doctor.finding import Finding, failed, not_applicable, ok, warning
from agent.doctor.subject import Subject
from agent.errors import BundleError, EngineError, InferenceError


def configuration(subject: Subject) -> Finding:
    given = subject.configuration
    if given.path is None:
        return not_applicable("no configuration found: the machine alone is examined")
    if given.trouble is not None:
        return failed(given.trouble, f"correct it until `beffroi check {given.path}` is content")
    if given.doubts:
        return warning(f"{given.path} is right, but {' '.join(given.doubts)}", "see what was found")
    return ok(f"{given.path} is right")


def model(subject: Subject) -> Finding:
    """Verified by its hash and loaded as the agent would load it."""
    from agent.inference.registry import probe_fire_model

    settings = FireSettings() if subject.settings is None else subject.settings.fire
    try:
        found = probe_fire_model(settings)
    except (BundleError, InferenceError) as error:
        return failed(str(error), "install the model again: `beffroi models list` shows what is here")
    return ok(f"{found.bundle} ({found.precision}) loads with {found.backend}, sha256 {found.sha256[:12]}")


def engine(subject: Subject) -> Finding:
    """Whether TensorRT's plan of the model was built for the TensorRT and the GPU that are here now."""
    if subject.settings is None:
        return not_applicable("no configuration")
    if subject.settings.fire.backend == "onnxruntime":
        return not_applicable("fire.backend is onnxruntime, which needs no engine")
    from agent.engines.machine import NoToolkitError, find_toolkit
    from agent.engines.shelf import Shelf
    from agent.inference.bundle import load_bundle

    try:
        machine = find_toolkit().machine
    except NoToolkitError:
        return not_applicable("TensorRT is not installed: no engine is needed")
    except EngineError as error:
        return failed(str(error), "until then ONNX Runtime runs the model on the processor")
    sha256 = load_bundle(subject.settings.fire.bundle).manifest.sha256
    of_model = [
        record for record in Shelf(subject.data_folder).records() if record.key.model_sha256 == sha256
    ]
    build = "sudo beffroi engines build; until then ONNX Runtime runs the model"
    if not of_model:
        return warning("there is no engine of the model yet", build)
    for record in of_model:
        if record.key.machine == machine:
            return ok(
                f"{record.key.precision}, built {record.built_at:%Y-%m-%d} for TensorRT {machine.tensorrt}"
            )
    old = of_model[0].key.machine
    return warning(
        f"built for TensorRT {old.tensorrt} on {old.gpu}; here are {machine.tensorrt} and {machine.gpu}",
        build,
    )
