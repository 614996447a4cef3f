"""A runner that keeps standard output and standard error apart, whatever the version of Click."""

from __future__ import annotations

import inspect

from typer.testing import CliRunner


def runner() -> CliRunner:
    """Click before 8.2 mixes the two unless told not to; later it cannot be told."""
    if "mix_stderr" in inspect.signature(CliRunner.__init__).parameters:
        return CliRunner(mix_stderr=False)  # type: ignore[call-arg, unused-ignore]
    return CliRunner()
