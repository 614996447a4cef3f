"""Reads the ONNX file of a published network."""

from __future__ import annotations

from pathlib import Path

import onnx

from agent.errors import BundleError


def read_onnx(source: Path) -> onnx.ModelProto:
    """The checked model in `source`. Raises BundleError where it cannot be read, or is none."""
    try:
        model = onnx.load(str(source))
        onnx.checker.check_model(model)
    except (OSError, ValueError, onnx.checker.ValidationError) as error:
        raise BundleError(f"{source} cannot be read as ONNX: {error}") from error
    except Exception as error:  # protobuf's DecodeError, whose module differs between its versions
        if type(error).__name__ != "DecodeError":
            raise
        raise BundleError(f"{source} is no ONNX file, or damaged: {error}") from error
    return model
