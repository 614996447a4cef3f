"""People enrolled, tested, exported and forgotten by the command line, with real networks and faces."""

from __future__ import annotations

import base64
import json
import stat
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List

import cv2
import numpy as np
import pytest

from agent.cli import command_line
from agent.errors import BeffroiError, StoreError
from agent.faces.provision import face_bundle
from agent.store.database import Database
from tests.fakes.cli import runner

LFW = Path(__file__).parents[3] / "shared" / "faces" / "lfw"
ANN = "Abdullah_Gul"
BEN = "Hugo_Chavez"
CEM = "Gloria_Macapagal_Arroyo"

pytestmark = pytest.mark.skipif(not LFW.is_dir(), reason="the faces of ../shared are not there")


def pictures(person: str, count: int = 3) -> List[Path]:
    return sorted((LFW / person).glob("*.jpg"))[:count]


@dataclass
class Desk:
    """A device with a configuration; `run` is the command line."""

    folder: Path

    def run(self, *arguments: object, expect: int = 0, typed: str = "") -> str:
        """What it printed to standard output and error; it must end with the exit code."""
        result = runner().invoke(command_line(["people"]), ["people", *map(str, arguments)], input=typed)
        code = result.exit_code
        error = ""
        if isinstance(result.exception, BeffroiError):
            code, error = result.exception.exit_code, str(result.exception)
        assert code == expect, (result.output, result.exception)
        return result.stdout + result.stderr + error

    def json(self, *arguments: object, expect: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", expect=expect))

    def enrol(self, name: str, files: List[Path], *options: object, expect: int = 0) -> str:
        return self.run("enrol", name, *files, "--consent", "signed form 12", *options, expect=expect)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return face_bundle(tmp_path_factory.mktemp("models"))
    except BeffroiError as error:
        pytest.skip(str(error))


@pytest.fixture
def desk(tmp_path: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path)
    desk.run("key", "--write", tmp_path / "faces.key")
    settings: Dict[str, Any] = {
        "cameras": ["scene:"],
        "store": {"folder": str(tmp_path / "data")},
        "faces": {"key": f"file:{tmp_path / 'faces.key'}", "embedder": str(bundle)},
    }
    config = tmp_path / "beffroi.yaml"
    config.write_text(json.dumps(settings), encoding="utf-8")
    monkeypatch.setenv("BEFFROI_CONFIG", str(config))
    return desk


def test_the_whole_life_of_a_person(desk: Desk, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.jpg"
    said = desk.enrol("Ann Peeters", pictures(ANN), "--role", "staff", "--preview", sheet)
    assert ": 3 good pictures" in said
    assert "Ann Peeters is enrolled as number 1" in said
    shown = cv2.imread(str(sheet))
    assert shown is not None
    assert shown.shape == (440, 1440, 3)

    (row,) = desk.json("list")
    assert (row["id"], row["name"], row["roles"], row["faces"]) == (1, "Ann Peeters", ["staff"], 3)
    assert row["consent"]["how"] == "signed form 12"
    assert "Ann Peeters" in desk.run("list")
    assert "signed form 12" in desk.run("show", "ann peeters")
    assert desk.json("show", 1)["name"] == "Ann Peeters"

    known = desk.json("test", pictures(ANN, 5)[-1], "--preview", sheet)
    assert [face["person"] for face in known["faces"]] == [1]
    assert known["faces"][0]["distance"] < known["max_distance"]
    (stranger,) = desk.json("test", pictures(BEN, 1)[0])["faces"]
    assert (stranger["person"], stranger["nearest"]) == (None, 1)
    assert "unknown" in desk.run("test", pictures(BEN, 1)[0])

    assert "Forget Ann Peeters" in desk.run("forget", "Ann Peeters", expect=1, typed="n\n")
    receipt = desk.json("forget", "Ann Peeters")
    assert (receipt["person"], receipt["faces"]) == (1, 3)
    assert receipt["done_at"] is not None
    assert "nobody is enrolled" in desk.run("list")
    assert "there is nobody" in desk.run("forget", 1, "--yes", expect=10)


def test_too_few_good_pictures_keep_nothing(desk: Desk, tmp_path: Path) -> None:
    blank = tmp_path / "blank.png"
    cv2.imwrite(str(blank), np.zeros((300, 300, 3), np.uint8))
    torn = tmp_path / "torn.jpg"
    torn.write_bytes(pictures(ANN)[0].read_bytes()[:2000])
    said = desk.enrol("Ann", [*pictures(ANN, 2), pictures(ANN, 1)[0], blank, torn], expect=10)
    assert "that picture is there already" in said
    assert "no face is seen" in said
    assert "cut off or damaged" in said
    assert "2 of 3 good pictures are there" in said
    assert desk.json("list") == []
    desk.enrol("Ann", pictures(ANN))
    assert len(desk.json("list")) == 1


def test_enrol_tells_programs_what_it_did(desk: Desk, tmp_path: Path) -> None:
    torn = tmp_path / "torn.jpg"
    torn.write_bytes(pictures(ANN)[0].read_bytes()[:2000])
    sheet = tmp_path / "made" / "sheet.png"
    said = desk.enrol("Ann", [torn, *pictures(ANN)], "--days", 1, "--preview", sheet, "--json")
    told = json.loads(said)
    assert [one["reason"] for one in told["pictures"]] == ["truncated", "accepted", "accepted", "accepted"]
    assert (told["person"]["id"], told["person"]["consent"]["given_by"]) == (1, "Ann")
    assert told["person"]["expires_at"] > told["person"]["enrolled_at"]
    shown = cv2.imread(str(sheet))
    assert shown is not None
    assert shown.shape == (880, 1440, 3)
    failed = desk.enrol("Ben", [torn], "--json", expect=10)
    assert json.loads(failed[: failed.rindex("}") + 1])["pictures"][0]["reason"] == "truncated"


def test_what_cannot_be_read_or_is_unfinished_is_said(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "cannot be read" in desk.enrol("Ann", [tmp_path / "none.jpg"], expect=10)
    assert desk.json("list") == []
    desk.enrol("Ann", pictures(ANN))
    torn = tmp_path / "torn.jpg"
    torn.write_bytes(b"GIF89a")
    assert "cut off or damaged" in desk.run("test", torn, expect=10)
    unwritable = tmp_path / "file" / "people.json"
    (tmp_path / "file").touch()
    assert "people.json" in desk.run("export", unwritable, "--person", "Ann", expect=6)

    def full(self: Database) -> bool:
        raise StoreError("the disk is full")

    monkeypatch.setattr(Database, "compact", full)
    assert "Not all of it is gone yet" in desk.run("forget", "Ann", "--yes")


def test_a_picture_is_tested_against_nobody_one_and_several(desk: Desk, tmp_path: Path) -> None:
    blank = tmp_path / "blank.png"
    cv2.imwrite(str(blank), np.zeros((300, 300, 3), np.uint8))
    sheet = tmp_path / "sheet.jpg"
    assert "no face is seen" in desk.run("test", blank, "--preview", sheet)
    probe = pictures(ANN, 5)[-1]
    assert "nobody is enrolled" in desk.run("test", probe, "--preview", sheet)
    assert desk.json("test", probe)["faces"][0]["distance"] is None
    desk.enrol("Ann", pictures(ANN))
    assert "number 1, Ann, distance" in desk.run("test", probe)
    desk.run("export", tmp_path / "ann.json", "--person", 1)
    assert [one["name"] for one in json.loads((tmp_path / "ann.json").read_text())["people"]] == ["Ann"]
    desk.enrol("Ben", pictures(BEN))
    assert "the next person at" in desk.run("test", probe, "--preview", sheet)
    assert "unknown: nearest to number" in desk.run("test", sorted((LFW / CEM).glob("*.jpg"))[0])


def test_a_second_person_with_the_first_ones_face_or_name_is_refused(desk: Desk) -> None:
    desk.enrol("Ann", pictures(ANN))
    assert "too much like that of somebody who is enrolled (number 1)" in desk.enrol(
        "Another", pictures(ANN, 6)[3:], expect=10
    )
    assert "under that name already" in desk.enrol("ANN", pictures(BEN), expect=10)
    assert "somebody else than on the other pictures" in desk.enrol(
        "Ben", [*pictures(BEN, 2), *sorted((LFW / CEM).glob("*.jpg"))[:1]], expect=10
    )
    desk.enrol("Twin", pictures(ANN, 6)[3:], "--lookalikes")
    assert [one["name"] for one in desk.json("list")] == ["Ann", "Twin"]


def test_people_move_to_another_device(desk: Desk, tmp_path: Path) -> None:
    desk.enrol("Ann", pictures(ANN))
    out = tmp_path / "people.json"
    desk.run("export", out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "is there already" in desk.run("export", out, expect=6)
    assert "under that name already" in desk.run("import", out, expect=10)
    desk.run("forget", "Ann", "--yes")
    assert "Ann is enrolled as number 2, with 3 faces" in desk.run("import", out)
    desk.run("forget", "Ann", "--yes")
    row = desk.json("import", out)["enrolled"][0]
    assert (row["id"], row["faces"], row["consent"]["how"]) == (3, 3, "signed form 12")
    (face,) = desk.json("test", pictures(ANN, 5)[-1])["faces"]
    assert face["person"] == 3


def test_encodings_of_face_recognition_are_taken_as_they_are(desk: Desk, tmp_path: Path) -> None:
    desk.enrol("Ann", pictures(ANN))
    desk.run("export", tmp_path / "people.json")
    desk.run("forget", 1, "--yes")
    rows = json.loads((tmp_path / "people.json").read_text())["people"][0]["embeddings"]
    encodings = np.array([np.frombuffer(base64.b64decode(row), "<f4") for row in rows], np.float64)
    np.save(str(tmp_path / "ann.npy"), encodings)
    with zipfile.ZipFile(str(tmp_path / "all.npz"), "w") as archive:
        archive.write(str(tmp_path / "ann.npy"), "Ann Z.npy")
    lines = [",".join(["Ann C", *map(str, row)]) for row in encodings]
    (tmp_path / "all.csv").write_text("\n".join(lines), encoding="utf-8")
    for file, options in (("ann.npy", ["--name", "Ann N"]), ("all.npz", []), ("all.csv", [])):
        assert "give --consent" in desk.run("import", tmp_path / file, *options, expect=10)
        row = desk.json("import", tmp_path / file, *options, "--consent", "letter of May")["enrolled"][0]
        assert row["faces"] == 3
        (face,) = desk.json("test", pictures(ANN, 5)[-1])["faces"]
        assert face["person"] == row["id"]
        desk.run("forget", row["id"], "--yes")


def test_what_is_asked_is_in_the_audit_without_a_name(desk: Desk, tmp_path: Path) -> None:
    desk.enrol("Ann Peeters", pictures(ANN))
    desk.run("show", 1)
    desk.run("forget", 1, "--yes")
    raw = (tmp_path / "data" / "beffroi.db").read_bytes()
    assert b"people.enrol" in raw
    assert b"Ann" not in raw


def test_without_the_key_nothing_is_done(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.enrol("Ann", pictures(ANN))
    desk.run("key", "--write", tmp_path / "other.key")
    config = json.loads((tmp_path / "beffroi.yaml").read_text())
    config["faces"]["key"] = f"file:{tmp_path / 'other.key'}"
    (tmp_path / "beffroi.yaml").write_text(json.dumps(config))
    assert "is not the key that people were enrolled with" in desk.run("list", expect=10)
    del config["faces"]
    (tmp_path / "beffroi.yaml").write_text(json.dumps(config))
    assert "beffroi people key --write" in desk.run("list", expect=10)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("people.pkl", b"cos\nsystem\n(S'touch /tmp/owned'\ntR.", "A pickle can run anything"),
        ("people.json", b"{}", "no list of people"),
        ("people.json", b"[1]", "no list of people"),
        ("people.json", b"\xff\xfe", "cannot be read"),
        ("people.csv", b"Ann,1,2,3", "not N x 128"),
        ("people.csv", b"", "nobody is in it"),
        ("people.csv", b"Ann" + b",9" * 128, "no embeddings of this network"),
        ("people.csv", b"Ann" + b",nan" * 128, "no embeddings of this network"),
        ("people.npz", b"PK", "not as it should be"),
        ("people.npy", b"\x93NUMPY", "does not say whose faces"),
    ],
)
def test_files_that_are_no_people_are_refused(
    desk: Desk, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert words in desk.run("import", path, "--consent", "letter", expect=10)
    assert not Path("/tmp/owned").exists()


def test_a_key_is_written_once_for_its_owner_alone(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "faces.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_text()
    assert "is there already" in desk.run("key", "--write", path, expect=6)
    assert path.read_text() == before
    assert desk.run("key") != desk.run("key")


def test_the_real_command_says_what_is_wrong_on_one_line(tmp_path: Path) -> None:
    config = tmp_path / "beffroi.yaml"
    config.write_text("cameras: ['scene:']\n")
    done = subprocess.run(
        [sys.executable, "-m", "agent.cli", "people", "list", "--config", str(config)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 10
    assert done.stderr.startswith("beffroi: there is no key")
