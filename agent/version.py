"""The version of this installation."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("beffroi")
except PackageNotFoundError:  # a source tree that was never installed
    VERSION = "0.0.0"
