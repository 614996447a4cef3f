"""What benchmarks.fire_size pastes, how it looks and counts; a whole run on networks that read colours."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Dict, List, Sequence

import cv2
import numpy as np
import pytest
from typer import Typer

from agent.errors import BundleError
from agent.inference.bundle import load_bundle, sha256_of
from agent.ports import Picture
from benchmarks import fire_size
from benchmarks.fire_size_report import (
    BARE,
    Cell,
    Look,
    cells,
    costs,
    equal_markdown,
    equally_quiet,
    in_quiet_scenes,
    markdown,
    smallest,
)
from benchmarks.fire_size_scenes import (
    Frame,
    Patch,
    as_streamed,
    burning,
    city_frames,
    controls,
    enlarged,
    laid,
    pasted,
    spot,
)
from benchmarks.fire_size_ways import BOXES, CLOSER, FUSED, WHOLE, Ways, tiles
from models import split
from models.boxed_pictures import read_yolo
from models.data import DataError, read_folder
from models.detect.data import items
from models.fuse import fuse
from tests.fakes import class_folders
from tests.fakes.bundles import colour_bundle
from tests.fakes.cli import runner
from tests.fakes.films import write_film
from tests.fakes.object_bundles import object_bundle

LABELS = ("fire", "start-fire", "no-fire")
RED, GREY = (20, 60, 230), (150, 150, 150)


def plain(colour: Sequence[int], height: int = 90, width: int = 160) -> Picture:
    return np.full((height, width, 3), colour, np.uint8)


def rng() -> np.random.Generator:
    return np.random.default_rng(4)


# What is pasted, and into what.


@pytest.mark.parametrize("share", [0.01, 0.03, 0.1])
@pytest.mark.parametrize("height", [720, 1080])
def test_what_is_pasted_covers_the_share(share: float, height: int) -> None:
    canvas = enlarged(Frame("street", plain((0, 0, 0))), height)
    assert canvas.shape == (height, height * 16 // 9, 3)
    whole = pasted(canvas, Patch("flames", "a.jpg", plain((255, 255, 255), 60, 80)), share, rng())
    assert whole.mean() / 255 == pytest.approx(share, rel=0.03)
    assert not canvas.any()


def test_it_has_no_hard_edge_and_is_the_same_for_the_same_seed() -> None:
    canvas = enlarged(Frame("street", plain((0, 0, 0))), 720)
    patch = Patch("flames", "a.jpg", plain((255, 255, 255), 60, 80))
    whole = pasted(canvas, patch, 0.1, rng())
    assert np.abs(np.diff(whole[..., 0].astype(int), axis=1)).max() < 60
    assert np.array_equal(whole, pasted(canvas, patch, 0.1, rng()))


def test_light_is_laid_over_what_is_darker_and_hides_nothing_that_is_brighter() -> None:
    canvas = plain((100, 100, 100), 90, 160)
    pixels = plain((0, 0, 0), 40, 40)
    pixels[:, 20:] = 255
    where = spot(canvas, pixels, 0.1, rng())
    lit, covered = laid(canvas, pixels, where, lighten=True), laid(canvas, pixels, where)
    assert lit.min() == 100
    assert covered.min() < 50
    assert lit.max() == covered.max() > 200


def test_it_goes_where_the_surroundings_are_of_its_colour() -> None:
    canvas = plain((0, 0, 0), 360, 640)
    canvas[:, 320:] = (200, 180, 160)
    whole = pasted(canvas, Patch("smoke", "a.jpg", plain((200, 180, 160), 60, 60)), 0.02, rng())
    assert np.abs(whole[:, 320:].astype(int) - canvas[:, 320:]).max() <= 1
    assert np.array_equal(whole[:, :320], canvas[:, :320])


def test_a_stream_is_compressed_but_little() -> None:
    picture = enlarged(Frame("street", plain(GREY)), 720)
    assert np.abs(as_streamed(picture).astype(int) - picture).max() < 4


def test_frames_are_of_pictures_and_of_moments_of_clips(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "tall.png"), plain(GREY, 100, 80))
    write_film(tmp_path / "film.mp4", frames=20, rate=10, width=64, height=48)
    (tmp_path / "list.csv").write_text("file,at_s\nfilm.mp4,0.0\ntall.png,\nfilm.mp4,1.5\n")
    first, later, tall = city_frames(tmp_path, tmp_path / "list.csv")
    assert (first.scene, later.scene, tall.scene) == ("film", "film", "tall")
    assert first.pixels.shape == (36, 64, 3)
    assert tall.pixels.shape == (45, 80, 3)
    bright = [one.pixels[16:22].max(axis=(0, 2)) for one in (first, later)]
    assert bright[0][2:8].min() > 150 > bright[1][2:8].max()


@pytest.mark.parametrize(
    ("listing", "said"), [("gone.png,", "is not there"), ("film.mp4,9", "shorter than 9.0 s")]
)
def test_a_frame_that_is_not_there_is_named(tmp_path: Path, listing: str, said: str) -> None:
    write_film(tmp_path / "film.mp4")
    (tmp_path / "list.csv").write_text(f"file,at_s\n{listing}\n")
    with pytest.raises(DataError, match=said):
        city_frames(tmp_path, tmp_path / "list.csv")


def boxed(root: Path, pictures: Dict[str, List[str]], parts: Dict[str, str]) -> Path:
    """Pictures of 200 x 200 in YOLO's layout, red in the upper left quarter; lines of boxes by name."""
    for folder in ("images", "labels"):
        (root / folder).mkdir(parents=True)
    (root / "data.yaml").write_text("names: [fire, smoke]\n")
    rows = ["file,phash"]
    for number, (name, lines) in enumerate(pictures.items()):
        picture = plain((150 - number, *GREY[1:]), 200, 200)
        picture[:100, :100] = RED
        cv2.imwrite(str(root / "images" / f"{name}.png"), picture)
        (root / "labels" / f"{name}.txt").write_text("\n".join(lines) + "\n")
        rows.append(f"images/{name}.png,{(0xFFFFFF << 12 * number) & (1 << 64) - 1:016x}")
    (root / "manifest.csv").write_text("\n".join(rows) + "\n")
    scenes = items(root, read_yolo(root))
    split.write(root / "split.csv", scenes, {one.group: parts[one.path.stem] for one in scenes})
    return root


FLAMES, SMALL, LONG = "0 0.25 0.25 0.5 0.5", "0 0.1 0.1 0.1 0.1", "0 0.5 0.2 0.9 0.25"
PALE, SMOKE = "0 0.75 0.75 0.4 0.4", "1 0.75 0.75 0.5 0.5"


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    root = class_folders.make(tmp_path / "classes", each=8, side=120)
    found = read_folder(root, LABELS)
    split.write(root / "split.csv", found, split.split_by_group(found, 6))
    return root


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return boxed(
        tmp_path / "boxed",
        {
            "both": [SMALL, FLAMES, SMOKE],
            "pale": [PALE],
            "small": [SMALL],
            "long": [LONG],
            "trained": [FLAMES],
        },
        {**dict.fromkeys(["both", "pale", "small", "long"], "test"), "trained": "train"},
    )


def patches(data: Path, classes: Path) -> List[Patch]:
    return burning(data, data / "split.csv", classes, classes / "split.csv")


def test_the_largest_box_of_each_test_picture_is_taken_if_it_fits(data: Path, classes: Path) -> None:
    found = patches(data, classes)
    assert [(one.kind, one.origin) for one in found] == [
        ("flames", "both.png"),
        ("smoke", "both.png"),
        ("pale", "pale.png"),
    ]
    assert found[0].pixels.shape == (100, 100, 3)
    assert (found[0].pixels == RED).all()


def test_of_another_part_other_patches_are_taken(data: Path, classes: Path) -> None:
    found = burning(data, data / "split.csv", classes, classes / "split.csv", "train")
    assert {one.origin for one in found} == {"trained.png"}
    drawn = {
        part: {one.origin for one in controls(classes, classes / "split.csv", 9, part)}
        for part in ("val", "test")
    }
    assert drawn["val"].isdisjoint(drawn["test"])


def test_flames_that_the_classifier_may_know_are_left_out(data: Path, classes: Path) -> None:
    manifest = data / "manifest.csv"
    known = [row.split(",")[1] for row in manifest.read_text().splitlines() if "both" in row]
    trained = next(
        row.split(",")[0]
        for row in (classes / "split.csv").read_text().splitlines()
        if row.endswith(",train")
    )
    found = {path: path.relative_to(classes).as_posix() for path in classes.rglob("*.png")}
    names = [name for path, name in found.items() if sha256_of(path) == trained]
    (classes / "manifest.csv").write_text(f"file,phash\n{names[0]},{known[0]}\n")
    assert [(one.kind, one.origin) for one in patches(data, classes)] == [
        ("smoke", "both.png"),
        ("pale", "pale.png"),
    ]


# Ways of looking.


@pytest.mark.parametrize(("side", "shape"), [(2, (50, 89)), (3, (35, 62))])
def test_tiles_cover_the_picture_and_overlap(side: int, shape: Sequence[int]) -> None:
    places = np.indices((90, 160), np.uint8).transpose(1, 2, 0)
    found = tiles(places, side)
    assert [one.shape[:2] for one in found] == [tuple(shape)] * side**2
    seen = [{(row, column) for row, column in one.reshape(-1, 2).tolist()} for one in found]
    assert len(set().union(*seen)) == 90 * 160
    assert len(seen[0] & seen[1]) == pytest.approx(0.2 * len(seen[0]), rel=0.1)


@pytest.fixture
def classifier(tmp_path: Path) -> Path:
    return colour_bundle(tmp_path / "colours")


@pytest.fixture
def detector(tmp_path: Path, classifier: Path) -> Path:
    found = object_bundle(tmp_path / "boxes", labels=["person", "fire", "smoke"])
    app = Typer()
    app.command()(fuse)
    folders = class_folders.make(tmp_path / "fused", each=14)
    arguments = [str(found), "--data", str(folders), "--classifier", str(classifier)]
    assert runner().invoke(app, arguments, catch_exceptions=False).exit_code == 0
    return found


def test_a_tile_sees_what_is_lost_in_the_whole(classifier: Path) -> None:
    picture = plain((0, 90, 0), 360, 640)
    picture[:110, :200] = (0, 0, 255)
    with Ways(load_bundle(str(classifier)), None) as ways:
        said = ways.look(picture)
    assert list(said.danger) == list(said.seconds) == [WHOLE, "tiles 2x2", "tiles 3x3", CLOSER]
    assert said.danger[WHOLE] < said.danger["tiles 2x2"] < said.danger["tiles 3x3"]


def test_boxes_have_a_say_where_there_is_a_detector(classifier: Path, detector: Path) -> None:
    with Ways(load_bundle(str(classifier)), load_bundle(str(detector))) as ways:
        said = ways.look(plain((0, 90, 0), 64, 64))
    assert list(said.danger) == [WHOLE, "tiles 2x2", "tiles 3x3", BOXES, FUSED, CLOSER]
    assert said.danger[CLOSER] >= said.danger[FUSED]
    assert said.seconds[CLOSER] >= said.seconds[FUSED]
    assert said.seconds[FUSED] == said.seconds[WHOLE] + said.seconds[BOXES]


def test_a_detector_that_was_not_fused_is_refused(classifier: Path, tmp_path: Path) -> None:
    alone = object_bundle(tmp_path / "alone", labels=["person", "fire", "smoke"])
    with pytest.raises(BundleError, match="was not fused with"):
        Ways(load_bundle(str(classifier)), load_bundle(str(alone)))


# From looks to figures.

HALF = {"whole": 0.5, "tiles": 0.5}


def look(share: float, whole: float, tile: float, kind: str = "flames", height: int = 720) -> Look:
    return Look(
        kind, "a.jpg", "street", height, share, {"whole": whole, "tiles": tile}, {"whole": 2.0, "tiles": 5.0}
    )


def test_looks_are_counted_by_kind_height_share_and_way() -> None:
    found = cells(
        [look(0.0, 0.1, 0.9, BARE), look(0.1, 0.9, 0.9), look(0.01, 0.5, 0.4), look(0.01, 0.4, 0.4)], HALF
    )
    assert found == [
        Cell("flames", 720, 0.01, "whole", 2, 1),
        Cell("flames", 720, 0.01, "tiles", 2, 0),
        Cell("flames", 720, 0.1, "whole", 1, 1),
        Cell("flames", 720, 0.1, "tiles", 1, 1),
        Cell(BARE, 720, 0.0, "whole", 1, 0),
        Cell(BARE, 720, 0.0, "tiles", 1, 1),
    ]


def test_the_smallest_is_where_the_interval_stays_above() -> None:
    found = [
        Cell("flames", 720, share, "whole", 60, alarms)
        for share, alarms in ((0.001, 55), (0.003, 20), (0.01, 45), (0.03, 58), (0.1, 60))
    ]
    assert smallest(found, "flames", 720, "whole", 0.5) == 0.01
    assert smallest(found, "flames", 720, "whole", 0.9) == 0.1
    assert smallest(found, "flames", 1080, "whole", 0.5) is None
    assert smallest(found[:2], "flames", 720, "whole", 0.5) is None


def test_cost_is_by_the_first_way() -> None:
    assert costs([look(0.1, 0, 0), look(0.1, 0, 0, height=1080)]) == {
        720: {"whole": 1.0, "tiles": 2.5},
        1080: {"whole": 1.0, "tiles": 2.5},
    }


def test_where_a_way_alarms_anyhow_its_alarms_do_not_count() -> None:
    looks = [look(0.1, 0.9, 0.9), look(0.0, 0.1, 0.9, BARE), look(0.1, 0.9, 0.9)._replace(scene="square")]
    assert cells(in_quiet_scenes(looks, 0.5), HALF) == [
        Cell("flames", 720, 0.1, "whole", 2, 2),
        Cell("flames", 720, 0.1, "tiles", 1, 1),
        Cell(BARE, 720, 0.0, "whole", 1, 0),
    ]


def test_the_tables_say_it_in_words() -> None:
    looks = [look(0.1, 0.9, 0.9)] * 40 + [look(0.1, 0.9, 0.1, "smoke"), look(0.0, 0.1, 0.9, BARE)]
    text = markdown(cells(looks, HALF), cells(in_quiet_scenes(looks, 0.5), HALF), costs(looks))
    assert "| 720 | 10 % | 40 | 100 (91 to 100) | 100 (91 to 100) |" in text
    assert "| 720 | 0 % | 1 | 0 (0 to 79) | 100 (21 to 100) |" in text
    assert "| flames | 720 | 10 % | 100 (91 to 100) of 40 |  |" in text
    assert "| 720 | flames | 90% | 10 % | none |" in text
    assert "| 720 | smoke | 50% | none | none |" in text


def test_ways_are_compared_at_thresholds_that_are_equally_quiet() -> None:
    calm = [look(0.1, step / 100, 0.5 + step / 200, "control") for step in range(100)]
    looks = [*calm, look(0.1, 0.98, 0.98), look(0.0, 1.0, 1.0, BARE, height=1080)]
    thresholds = equally_quiet(looks)
    assert thresholds == {"whole": 0.971, "tiles": 0.986}
    found = cells(looks, thresholds)
    assert [one.alarms for one in found if one.kind == "control"] == [2, 2]
    text = equal_markdown(found, thresholds)
    assert "| threshold | | 0.971 | 0.986 |" in text
    assert "| flames | 10 % | 100 (21 to 100) | 0 (0 to 79) |" in text


# The whole of it.


def test_a_run_writes_every_file(
    data: Path, classes: Path, classifier: Path, detector: Path, tmp_path: Path
) -> None:
    cv2.imwrite(str(tmp_path / "street.png"), plain((0, 90, 0)))
    (tmp_path / "list.csv").write_text("file,at_s\nstreet.png,\n")
    app, out = Typer(), tmp_path / "out"
    app.command()(fire_size.main)
    arguments = ["--bundle", classifier, "--boxes", detector, "--data", data, "--split", data / "split.csv"]
    arguments += ["--classes", classes, "--classes-split", classes / "split.csv"]
    arguments += ["--cities", tmp_path, "--frames", tmp_path / "list.csv", "--out", out]
    arguments += ["--most", 1, "--threads", 2]
    ran = runner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    assert ran.stdout == (out / "fire-size.md").read_text()
    document = json.loads((out / "fire-size.json").read_text())
    assert {one["kind"] for one in document["cells"]} == {"flames", "smoke", "pale", "control", BARE}
    with (out / "fire-size-looks.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * (1 + 5) + 3 * 5
    assert {row["scene"] for row in rows} == {"street"}
    with (out / "fire-size.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == len(document["cells"])
    assert (out / "fire-size.png").read_bytes()[:4] == b"\x89PNG"
    assert (out / "fire-size-samples.jpg").read_bytes()[:2] == b"\xff\xd8"
