"""The configuration and the model."""

from __future__ import annotations

from agent.config.fire_settings import FireSettings
from agent.doctor.finding import Finding, failed, not_applicable, ok, warning
from agent.doctor.subject import Subject
from agent.errors import BundleError, InferenceError


def configuration(subject: Subject) -> Finding:
    given = subject.configuration
    if given.path is None:
        return not_applicable("no configuration found: the machine alone is examined")
    if given.trouble is not None:
        return failed(given.trouble, f"correct it until `beffroi check {given.path}` is content")
    if given.doubts:
        return warning(
            f"{given.path} is right, but {' '.join(given.doubts)}", "change it, or leave it where it is meant"
        )
    return ok(f"{given.path} is right")


def model(subject: Subject) -> Finding:
    """Verified by its hash, and loaded with ONNX Runtime, which every device falls back on."""
    from agent.inference.registry import probe_fire_model

    settings = FireSettings() if subject.settings is None else subject.settings.fire
    try:
        found = probe_fire_model(settings.model_copy(update={"backend": "onnxruntime"}))
    except (BundleError, InferenceError) as error:
        return failed(str(error), "install the model again: `beffroi models list` shows what is here")
    return ok(f"{found.bundle} ({found.precision}) loads with {found.backend}, sha256 {found.sha256[:12]}")
