"""`beffroi people`: enrol, list, test and forget people, on the device itself."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import List, Optional

import typer

from agent import logs
from agent.cli.console import stdout
from agent.cli.people_context import opened
from agent.cli.people_pictures import examined, sheet
from agent.cli.people_tables import people_table, person_row, receipt_row
from agent.enrolments import Consent, PeopleError, Refusal, Verdict
from agent.errors import StoreError
from agent.faces import exchange
from agent.store.durable import make_folders
from agent.store.errors import file_errors
from agent.store.faces_records import Intent
from agent.store.vault import new_key

_HELP = """People who agreed to be recognised.

Everything works beside a running agent, which notices at once. Names and faces are encrypted with the key of
the configuration (faces.key). Exit code 10: refused, and the message says why.
"""

app = typer.Typer(help=_HELP, no_args_is_help=True)

_CONFIG = typer.Option(
    None,
    "--config",
    "-c",
    help="The configuration. [$BEFFROI_CONFIG, else ./beffroi.yaml, else /etc/beffroi/beffroi.yaml]",
)
_JSON = typer.Option(False, "--json", help="One JSON document.")
_PREVIEW = typer.Option(
    None, "--preview", help="Write a picture there that shows what was seen (.jpg, .png)."
)
_GIVEN_BY = typer.Option(
    None,
    "--consent-by",
    show_default="the name itself",
    help="Who agreed: the person, or who may agree for them.",
)
_HOW = typer.Option(..., "--consent", help="How they agreed, so that it can be shown: 'signed form 12'.")
_WHO = typer.Argument(..., metavar="PERSON", help="The number or the name, as `list` shows them.")


@app.callback()
def root() -> None:
    logs.configure("warning")


@app.command()
def key(
    write: Optional[Path] = typer.Option(
        None, "--write", help="Into a new file that only its owner may read."
    ),
) -> None:
    """Make a key for the configuration's faces.key.

    Keep a copy apart from the device: without the key, who is enrolled cannot be read, and has to be enrolled
    again.
    """
    made = new_key()
    if write is None:
        typer.echo(made)
        return
    _write_new(write, f"{made}\n")
    typer.echo(f"{write} holds a new key: name it in the configuration as faces: {{key: file:{write}}}")


@app.command()
def enrol(
    name: str = typer.Argument(..., help="The person's name."),
    pictures: List[Path] = typer.Argument(
        ..., help="Pictures of the person alone, JPEG, PNG, WebP, BMP, GIF."
    ),
    how: str = _HOW,
    given_by: Optional[str] = _GIVEN_BY,
    role: List[str] = typer.Option(
        [], "--role", help="What the person is, for the cameras' policies; repeat it."
    ),
    days: Optional[float] = typer.Option(
        None, "--days", min=0.01, help="Forget the person after so many days."
    ),
    lookalikes: bool = typer.Option(
        False, "--lookalikes", help="Also where somebody enrolled looks much alike."
    ),
    preview: Optional[Path] = _PREVIEW,
    config: Optional[Path] = _CONFIG,
    as_json: bool = _JSON,
) -> None:
    """Enrol somebody who agreed to it.

    Each picture passes a gate first, which says in words what is wrong with one that does not do. Enough good
    ones (faces.pictures in the configuration) make the enrolment; with fewer nothing is kept. Pictures
    themselves are never kept.
    """
    now = datetime.now(timezone.utc)
    with opened(config, os.environ) as people:
        service = people.service
        consent = Consent(given_by or name, now, how)
        expires_at = None if days is None else now + timedelta(days=days)
        under_way = service.begin(
            name, role, consent, people.by, expires_at=expires_at, lookalikes=lookalikes
        )
        verdicts: List[Verdict] = []
        try:
            for path in pictures:
                verdicts.append(service.add(under_way.id, _bytes(path)))
                if not as_json:
                    typer.echo(_line(path, verdicts[-1]))
            if preview is not None:
                words = [_words(verdict) for verdict in verdicts]
                _save(preview, sheet(people, pictures, words, [verdict.accepted for verdict in verdicts]))
            person = service.finish(under_way.id)
        except BaseException:
            service.cancel(under_way.id)
            raise
        finally:
            if as_json and (len(verdicts) < len(pictures) or verdicts[-1].good < under_way.needed):
                typer.echo(json.dumps({"person": None, "pictures": _told(pictures, verdicts)}, indent=2))
    if as_json:
        typer.echo(
            json.dumps({"person": person_row(person), "pictures": _told(pictures, verdicts)}, indent=2)
        )
    else:
        typer.echo(f"{person.name} is enrolled as number {person.id}")


@app.command(name="list")
def list_people(config: Optional[Path] = _CONFIG, as_json: bool = _JSON) -> None:
    """Everybody who is enrolled."""
    with opened(config, os.environ) as people:
        found = people.service.people(people.by)
    if as_json:
        typer.echo(json.dumps([person_row(person) for person in found], indent=2, ensure_ascii=False))
    elif not found:
        typer.echo("nobody is enrolled: `beffroi people enrol --help` says how")
    else:
        stdout().print(people_table(found))


@app.command()
def show(who: str = _WHO, config: Optional[Path] = _CONFIG, as_json: bool = _JSON) -> None:
    """One person, with consent and expiry."""
    with opened(config, os.environ) as people:
        person = people.service.person(who, people.by)
    row = person_row(person)
    if as_json:
        typer.echo(json.dumps(row, indent=2, ensure_ascii=False))
        return
    consent = row.pop("consent")
    row.update({f"consent {key.replace('_', ' ')}": value for key, value in consent.items()})
    for field, value in row.items():
        shown = ", ".join(value) if isinstance(value, list) else value
        typer.echo(f"{field.replace('_', ' '):18} {'-' if shown in (None, '') else shown}")


@app.command()
def forget(
    who: str = _WHO,
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask."),
    config: Optional[Path] = _CONFIG,
    as_json: bool = _JSON,
) -> None:
    """Erase a person: name, consent, faces, links of incidents and their pictures, also in copies of the
    database.

    Prints a receipt. What a running agent holds up is finished by it.
    """
    with opened(config, os.environ) as people:
        person = people.service.person(who, people.by)
        if not (yes or as_json):
            typer.confirm(f"Forget {person.name} (number {person.id}) for good?", abort=True)
        receipt = people.service.forget(person.id, people.by)
    if as_json:
        typer.echo(json.dumps(receipt_row(receipt), indent=2))
        return
    typer.echo(
        f"number {receipt.person}: {receipt.faces} faces, {receipt.links} links of incidents, "
        f"{receipt.snapshots} picture files and {receipt.backups} copies of the database erased"
    )
    if receipt.done_at is None:
        typer.echo("Not all of it is gone yet: the agent goes on with it, at the latest when it starts next.")


@app.command()
def export(
    to: Path = typer.Argument(..., help="A new JSON file; only its owner may read it."),
    who: Optional[str] = typer.Option(None, "--person", help="Only this one, by number or name."),
    config: Optional[Path] = _CONFIG,
) -> None:
    """Write people with consent and embeddings to a file: for the person who asks for their data, or for
    another device. The file is not encrypted."""
    with opened(config, os.environ) as people:
        chosen = people.store.people() if who is None else [people.service.person(who, people.by)]
        ids, embeddings = people.store.embeddings()
        people.store.note("people.export", None if who is None else chosen[0].id, people.by)
        _write_new(to, exchange.written(chosen, ids, embeddings))
    typer.echo(f"{len(chosen)} written to {to}")


@app.command(name="import")
def import_people(
    file: Path = typer.Argument(
        ..., help="JSON of `export`; or encodings of face_recognition: CSV, .npz, .npy."
    ),
    how: Optional[str] = typer.Option(
        None, "--consent", help="How they agreed, where the file does not say it."
    ),
    name: Optional[str] = typer.Option(None, "--name", help="Whose faces a .npy file holds."),
    role: List[str] = typer.Option([], "--role", help="What they are, where the file does not say it."),
    config: Optional[Path] = _CONFIG,
    as_json: bool = _JSON,
) -> None:
    """Enrol people from a file. Encodings made with the package face_recognition are taken as they are.

    A CSV has a name and 128 numbers a line, a .npz an array for each name. Pickles are refused: they can run
    anything.
    """
    records = exchange.read(file, name)
    now = datetime.now(timezone.utc)
    done, refused = [], []
    with opened(config, os.environ) as people:
        for record in records:
            consent = record.consent or (None if how is None else Consent(record.name, now, how))
            if consent is None:
                raise PeopleError(
                    f"{file} does not say how they agreed: give --consent", Refusal.NO_CONSENT.value
                )
            roles = record.roles or tuple(role)
            intent = Intent(record.name, roles, consent, people.by, record.expires_at, lookalikes=True)
            try:
                done.append(people.service.import_(intent, record.embeddings))
            except PeopleError as error:
                refused.append({"name": record.name, "why": str(error)})
    if as_json:
        rows = [person_row(person) for person in done]
        typer.echo(json.dumps({"enrolled": rows, "refused": refused}, indent=2, ensure_ascii=False))
    else:
        for person in done:
            typer.echo(f"{person.name} is enrolled as number {person.id}, with {person.faces} faces")
        for one in refused:
            typer.echo(f"{one['name']}: {one['why']}", err=True)
    if refused:
        raise typer.Exit(PeopleError.exit_code)


@app.command(name="test")
def examine(
    picture: Path = typer.Argument(..., help="A picture, with any number of faces."),
    preview: Optional[Path] = _PREVIEW,
    config: Optional[Path] = _CONFIG,
    as_json: bool = _JSON,
) -> None:
    """Say who is on a picture, and why: each face with its nearest person, how far it is from them and from
    the next.

    Nothing is kept.
    """
    with opened(config, os.environ) as people:
        found = examined(people, _bytes(picture))
        people.store.note("people.test", None, people.by)
        if preview is not None:
            _save(preview, found.sheet())
    if as_json:
        typer.echo(json.dumps(found.row(), indent=2, ensure_ascii=False))
    else:
        for line in found.lines():
            typer.echo(line)


def _line(path: Path, verdict: Verdict) -> str:
    return f"{path.name}: {_words(verdict)}"


def _words(verdict: Verdict) -> str:
    like = "" if verdict.person is None else f" (number {verdict.person})"
    enough = verdict.good >= verdict.needed
    progress = (
        f"{verdict.good} good pictures" if enough else f"{verdict.good} of {verdict.needed} good pictures"
    )
    return f"{verdict.words}{like}: {progress}"


def _told(paths: List[Path], verdicts: List[Verdict]) -> List[object]:
    return [
        {
            "picture": str(path),
            "accepted": verdict.accepted,
            "reason": verdict.reason.value,
            "words": verdict.words,
            "person": verdict.person,
        }
        for path, verdict in zip(paths, verdicts)
    ]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PeopleError(f"{path} cannot be read: {error.strerror}", Refusal.BAD_FILE.value) from error


def _save(path: Path, data: bytes) -> None:
    with file_errors(path):
        make_folders(path.parent)
        path.write_bytes(data)


def _write_new(path: Path, text: str) -> None:
    """A file that is not there yet, for its owner alone."""
    try:
        with file_errors(path), os.fdopen(
            os.open(str(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
    except StoreError as error:
        if isinstance(error.__cause__, FileExistsError):
            raise StoreError(f"{path} is there already: choose another name, or delete it first") from error
        raise
