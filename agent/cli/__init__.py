"""The `beffroi` command: one small module per verb, imported only when asked for."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Optional, Sequence

import typer
from rich.console import Console

from agent.errors import BeffroiError

VERBS = ("run", "watch", "check", "zones", "doctor", "demo")
GROUPS = ("bot", "engines", "incidents", "models", "people")


def main() -> None:
    """Run the command line; an expected error is one line on stderr and its class's exit code."""
    app = command_line(sys.argv[1:])
    try:
        app()
    except BeffroiError as error:
        Console(stderr=True, soft_wrap=True).print(f"beffroi: {error}", markup=False, highlight=False)
        sys.exit(error.exit_code)


def command_line(arguments: Sequence[str]) -> typer.Typer:
    """The command, with the verb that `arguments` begin with or, where they begin with none, with all.

    What the others need (the database, codecs, networks) takes a second to import, and several on a Jetson.
    """
    app = typer.Typer(
        name="beffroi",
        help="Watches cameras for fire; keeps every incident and tells everyone who must know.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        callback=_root,
    )
    first = arguments[0] if arguments else ""
    wanted = (first,) if first in VERBS + GROUPS else () if first == "--version" else VERBS + GROUPS
    for name in wanted:
        module = import_module(f"agent.cli.{name}")
        if name in VERBS:
            app.command()(getattr(module, name))
        else:
            app.add_typer(module.app, name=name)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        from agent.version import VERSION

        typer.echo(f"beffroi {VERSION}")
        raise typer.Exit


def _root(
    version: Optional[bool] = typer.Option(
        None, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    pass
