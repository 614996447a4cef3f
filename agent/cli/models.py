"""`beffroi models`: the model bundles that are installed."""

from __future__ import annotations

import typer

app = typer.Typer(help="The models that can be used.", no_args_is_help=True)
