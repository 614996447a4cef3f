"""The `beffroi` command: one small module per verb."""

from __future__ import annotations

import sys
from typing import Optional

import typer
from rich.console import Console

from agent.errors import BeffroiError

app = typer.Typer(
    name="beffroi",
    help="Watches cameras for fire; keeps every incident and tells everyone who must know.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from agent.version import VERSION

        typer.echo(f"beffroi {VERSION}")
        raise typer.Exit


@app.callback()
def root(
    version: Optional[bool] = typer.Option(
        None, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    pass


def main() -> None:
    """Run the command line; an expected error is one line on stderr and its class's exit code."""
    _register()
    try:
        app()
    except BeffroiError as error:
        Console(stderr=True, soft_wrap=True).print(f"beffroi: {error}", markup=False, highlight=False)
        sys.exit(error.exit_code)


def _register() -> None:
    # Imported here so that `import agent.cli` stays cheap and free of the verbs' dependencies.
    from agent.cli import bot, check, demo, doctor, engines, incidents, models, people, run, watch, zones

    app.command()(run.run)
    app.command()(watch.watch)
    app.command()(check.check)
    app.command()(zones.zones)
    app.command()(doctor.doctor)
    app.command()(demo.demo)
    app.add_typer(bot.app, name="bot")
    app.add_typer(engines.app, name="engines")
    app.add_typer(incidents.app, name="incidents")
    app.add_typer(models.app, name="models")
    app.add_typer(people.app, name="people")
