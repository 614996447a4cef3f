"""The checks on every supported Python, each in an environment of nox's own with the same constraints."""

from __future__ import annotations

import nox

nox.options.sessions = ["lint", "types", "tests"]
nox.options.error_on_missing_interpreters = False

PACKAGES = ("agent", "alerts", "models", "deploy", "tests")


def _install(session: nox.Session, extras: str) -> None:
    python = session.run("python", "-c", "import sys; print('%d.%d' % sys.version_info[:2])", silent=True)
    constraints = f"constraints/{str(python).strip()}.txt"
    session.install("-c", constraints, "-e", f".[{extras}]", env={"PIP_CONSTRAINT": constraints})


@nox.session(python=["3.8", "3.10", "3.12"])
def tests(session: nox.Session) -> None:
    """The whole suite; arguments after `--` go to pytest."""
    _install(session, "demo,test")
    session.run("pytest", "-n", "logical", "--maxprocesses", "4", "--dist", "loadfile", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style and the layers."""
    _install(session, "demo,test,lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """mypy --strict."""
    _install(session, "demo,test,lint")
    session.run("mypy", *PACKAGES)


@nox.session(python="3.11")
def train(session: nox.Session) -> None:
    """The model verbs, which need torch."""
    _install(session, "demo,test,train")
    session.run("pytest", "tests/pipeline", *session.posargs)
