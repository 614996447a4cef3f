"""`python -m models VERB`: one line a verb, imported only when asked for (training needs torch)."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Dict, Tuple

import typer

from agent.errors import BeffroiError

VERBS: Dict[str, Tuple[str, str]] = {
    "data": ("models.audit", "data"),
    "train": ("models.train", "train"),
    "export": ("models.export", "export"),
    "verify": ("models.verify", "verify"),
    "verify faces": ("models.verify_faces", "verify_faces"),
    "fuse": ("models.fuse", "fuse"),
    "activation": ("models.activation", "activation"),
    "prune": ("models.prune", "prune"),
    "quantise": ("models.quantise", "quantise"),
    "compare": ("models.compare", "compare"),
    "explain": ("models.explain", "explain"),
    "convert": ("models.convert", "convert"),
}


def main() -> None:
    """Run one verb; an expected error is one line on stderr and its class's exit code."""
    app = typer.Typer(
        name="python -m models",
        help=f"The model pipeline: {', '.join(VERBS)}.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @app.callback()
    def root() -> None:
        pass

    if " ".join(sys.argv[1:3]) in VERBS:
        sys.argv[1:3] = [" ".join(sys.argv[1:3])]
    wanted = [argument for argument in sys.argv[1:] if argument in VERBS][:1] or list(VERBS)
    for verb in wanted:
        module, function = VERBS[verb]
        try:
            app.command(verb)(getattr(import_module(module), function))
        except ModuleNotFoundError as error:
            if len(wanted) == 1:
                sys.exit(f"{verb} needs {error.name}: pip install 'beffroi[train]' (Python 3.10 or newer)")
    try:
        app()
    except BeffroiError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
