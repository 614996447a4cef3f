"""`explain` on a small network that was trained here, and its parts on one whose reasons are known."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any, Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from typer import Typer
from typer.testing import CliRunner

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'beffroi[train]'")
pytest.importorskip("captum", reason="maps are made with captum: pip install 'beffroi[train]'")

from torch import nn  # noqa: E402  # after the skip

from models import checkpoint, explain_gallery, explain_plots  # noqa: E402
from models.data import DataError, Item  # noqa: E402
from models.explain import explain  # noqa: E402
from models.explain_faithfulness import GAMES, RANDOM, Faithfulness, areas, blurred, measure  # noqa: E402
from models.explain_maps import CELLS, METHODS, cells, grad_cam  # noqa: E402
from models.explain_sanity import STAGES, Sanity, check, randomised  # noqa: E402
from models.explain_selection import drawn, items_of, shown  # noqa: E402
from models.explain_statistics import mean, rank_correlation  # noqa: E402
from models.nets import build  # noqa: E402
from models.scoring import wilson  # noqa: E402
from models.train import train  # noqa: E402
from tests.fakes.html_page import HtmlPage  # noqa: E402

SQUARES = {"fire": (0, 0, 230), "start-fire": (230, 230, 230), "no-fire": (0, 150, 0)}
ODD_NAME = "a <b>&name.png"


def picture_of(rng: np.random.Generator, label: str, side: int = 32) -> npt.NDArray[np.uint8]:
    """A noisy grey picture with a square of the label's colour somewhere."""
    picture = rng.normal(90, 10, (side, side, 3)).clip(0, 255).astype(np.uint8)
    top, left = rng.integers(0, side // 2, 2)
    picture[top : top + side // 2, left : left + side // 2] = SQUARES[label]
    return picture


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty pictures of each label; two of fire lie in the folder of no-fire."""
    root, rng = tmp_path_factory.mktemp("pictures") / "squares", np.random.default_rng(5)
    for label in SQUARES:
        (root / label).mkdir(parents=True)
        for number in range(20):
            cv2.imwrite(str(root / label / f"{number:02d}.png"), picture_of(rng, label))
    for name in ("wrong.png", ODD_NAME):
        cv2.imwrite(str(root / "no-fire" / name), picture_of(rng, "fire"))
    return root


@pytest.fixture(scope="module")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained by the verb, in this process; the log that it opens is closed again."""
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    root = logging.getLogger()
    handlers, root.handlers = root.handlers, []
    trained = asked(
        train, "--data", data, "--out", folder, "--net", "tiny", "--side", 32, "--final-side", 32,
        "--batch", 8, "--head-rate", 0.03, "--body-rate", 0.03, "--epochs", 8, "--final-epochs", 0,
    )  # fmt: skip
    for handler in root.handlers:
        handler.close()
    root.handlers = handlers
    assert trained.exit_code == 0, trained.output
    return folder


def asked(verb: Callable[..., None], *arguments: object) -> Any:
    app = Typer()
    app.command()(verb)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def explained(*arguments: object) -> Any:
    return asked(explain, *arguments)


def refused(*arguments: object) -> str:
    """What it says where it refuses."""
    error = explained(*arguments).exception
    assert isinstance(error, DataError), error
    return str(error)


def test_the_page_shows_right_and_wrong_cases_and_needs_nothing_else(
    run: Path, data: Path, tmp_path: Path
) -> None:
    methods = [part for name in METHODS for part in ("--method", name)]
    said = explained(run, "--data", data, "--out", tmp_path / "new", "--number", 3, "--sample", 2, *methods)
    assert said.exit_code == 0, said.output
    assert "better than random by" in said.output
    assert "rank correlation" in said.output
    page = (tmp_path / "new" / "explain.html").read_text()
    assert "fire, judged right: 3 shown" in page
    assert "no-fire, judged wrong: 2 shown" in page
    assert "no-fire/a &lt;b&gt;&amp;name.png" in page
    read = HtmlPage(page)
    assert not read.of("b")
    assert f"no-fire/{ODD_NAME}, grad-cam" in [one["alt"] for one in read.of("img")]
    assert page.count('src="data:image/png;base64,') == 2
    figures = json.loads((tmp_path / "new" / "explain.json").read_text())
    assert page.count('src="data:image/jpeg;base64,') == len(figures["cases"]) * (1 + len(METHODS))
    assert (tmp_path / "new" / "faithfulness.png").is_file()
    assert (tmp_path / "new" / "sanity.png").is_file()


def test_figures_are_complete_and_the_same_again(run: Path, data: Path, tmp_path: Path) -> None:
    ask = [
        run, "--data", data, "--part", "val", "--out", tmp_path, "--method", "grad-cam",
        "--sample", 3, "--number", 1, "--json",
    ]  # fmt: skip
    said = explained(*ask)
    found = json.loads(said.stdout)
    assert found == json.loads((tmp_path / "explain.json").read_text())
    assert explained(*ask).stdout == said.stdout
    assert found["part"] == "val"
    assert found["pictures"] < 20
    assert found["faithfulness"]["pictures"] == 3
    for game in GAMES:
        assert set(found["faithfulness"][game]) == {"grad-cam", RANDOM}
        low, high = found["faithfulness"][game]["grad-cam"]["area"]["interval"]
        assert 0 <= low <= found["faithfulness"][game]["grad-cam"]["area"]["mean"] <= high <= 1
    assert len(found["sanity"]["rank_correlation"]["grad-cam"]) == len(STAGES)
    assert {case["label"] for case in found["cases"]} == set(SQUARES)
    assert all(abs(sum(case["probabilities"].values()) - 1) < 1e-3 for case in found["cases"])


def test_what_cannot_be_explained_is_refused_in_words(run: Path, data: Path, tmp_path: Path) -> None:
    ask = ["--data", data, "--out", tmp_path / "out"]
    assert "is no method: use grad-cam" in refused(run, *ask, "--method", "tea-leaves")
    assert "use val or test" in refused(run, *ask, "--part", "train")
    assert "name the split by --split" in refused(run, *ask, "--split", tmp_path / "none.csv")
    assert "is not there" in refused(tmp_path / "no-run", *ask)
    config = json.loads((run / "config.json").read_text())
    begun = tmp_path / "begun"
    begun.mkdir()
    (begun / "config.json").write_text(json.dumps(config))
    assert "has not finished its first epoch" in refused(begun, *ask)
    (begun / "config.json").write_text(json.dumps({"task": "detect"}))
    assert "trained no classifier (detect)" in refused(begun, *ask)
    assert not (tmp_path / "out").exists()


def test_a_mean_of_runs_lies_between_them(run: Path, tmp_path: Path) -> None:
    config = checkpoint.read_config(run)
    other = build("tiny", 3, pretrained=False)
    torch.save({"average": other.state_dict()}, tmp_path / "checkpoint.pt")
    one, both = checkpoint.trained(run, config), checkpoint.trained(run, config, tmp_path, 0.25)
    assert not both.training
    for mine, theirs, between in zip(one.parameters(), other.parameters(), both.parameters()):
        assert torch.allclose(0.75 * mine + 0.25 * theirs, between)


def test_a_pruned_network_keeps_its_width(run: Path, tmp_path: Path) -> None:
    config = checkpoint.read_config(run)
    weights = checkpoint.trained(run, config).state_dict()
    narrow = {
        name: value[:4] if name.startswith(("0.", "1.")) and value.dim() else value
        for name, value in weights.items()
    }
    narrow["3.weight"] = weights["3.weight"][:, :4]
    torch.save({"average": narrow}, tmp_path / "checkpoint.pt")
    net = checkpoint.trained(tmp_path, config)
    assert net(torch.zeros(2, 3, 32, 32)).shape == (2, 3)
    assert len(net.get_parameter("0.weight")) == 4


def test_a_part_is_that_of_the_split(data: Path, tmp_path: Path) -> None:
    config = {"split": None, "seed": 1}
    parts = {part: items_of(data, list(SQUARES), config, None, part) for part in ("val", "test")}
    assert not {item.path for item in parts["val"]} & {item.path for item in parts["test"]}
    assert len(items_of(data, list(SQUARES), config, None, None)) == 62
    lone = tmp_path / "lone"
    (lone / "fire").mkdir(parents=True)
    cv2.imwrite(str(lone / "fire" / "0.png"), np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(DataError, match="no pictures in its part test"):
        items_of(lone, list(SQUARES), config, None, "test")
    with pytest.raises(DataError, match=r"own\.csv is not there"):
        items_of(lone, list(SQUARES), {"split": "own.csv", "seed": 1}, None, "test")


def test_a_group_is_looked_at_once() -> None:
    items = [Item(Path(f"{n}.png"), "fire" if n < 6 else "no-fire", f"g{n // 2}", "here") for n in range(10)]
    right = np.array([True, False] * 5)
    assert len(drawn(items, 10, 1)) == 5
    assert len({items[index].group for index in drawn(items, 10, 1)}) == 5
    assert drawn(items, 3, 1) == drawn(items, 10, 1)[:3]
    chosen = shown(items, right, ["fire", "no-fire"], 2, 1)
    assert [(items[index].label, bool(right[index])) for index in chosen] == [
        (label, wanted) for label in ("fire", "no-fire") for wanted in (True, False) for _ in range(2)
    ]


def red_net() -> nn.Module:
    """Says its first label by how much of a picture is red, and looks at nothing else."""
    net = nn.Sequential(nn.Conv2d(3, 1, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1, 3))
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor([1.0, -1.0, -1.0]).view(1, 3, 1, 1))
        net[0].bias.zero_()
        net[4].weight.copy_(torch.tensor([[20.0], [0.0], [0.0]]))
        net[4].bias.zero_()
    return net.eval()


@pytest.fixture(scope="module")
def red_squares() -> Any:
    """Eight pictures of 64 x 64, normalised, black with a red square of 16 x 16 in another place each."""
    pictures = torch.zeros(8, 3, 64, 64)
    for number in range(8):
        top = left = 6 * number
        pictures[number, 0, top : top + 16, left : left + 16] = 1.0
    return pictures


@pytest.mark.parametrize("name", METHODS)
def test_a_map_points_at_what_the_network_goes_by(name: str, red_squares: Any) -> None:
    for number in (0, 5):
        values = METHODS[name](red_net(), red_squares[number : number + 1], 0)
        assert values.shape == (64, 64)
        assert values.dtype == np.float32
        square = red_squares[number, 0].numpy() > 0
        assert values[square].mean() > 10 * max(1e-6, np.abs(values[~square]).mean())
        assert METHODS[name](red_net(), red_squares[number : number + 1], 1).max() <= values.max()


def test_grad_cam_needs_a_pool() -> None:
    with pytest.raises(DataError, match="global average pool"):
        grad_cam(nn.Conv2d(3, 1, 1), torch.zeros(1, 3, 32, 32), 0)


def test_cells_are_means_row_by_row() -> None:
    values = np.zeros((32, 32), np.float32)
    values[0:2, 2:4] = 1.0
    values[2:4, 0] = 1.0
    found = cells(values)
    assert found.shape == (CELLS * CELLS,)
    assert found[1] == 1.0
    assert found[CELLS] == 0.5
    assert found.sum() == 1.5


def test_true_maps_beat_chance_and_turned_ones_do_not(red_squares: Any) -> None:
    targets = [0] * 8
    maps = [grad_cam(red_net(), red_squares[n : n + 1], 0) for n in range(8)]
    curves = measure(red_net(), red_squares, targets, {"true": maps, "turned": [-one for one in maps]}, 1)
    found = Faithfulness(curves, ["fire"] * 8)
    for game in GAMES:
        assert found.better(game, "true").interval[0] > 0
        assert found.better(game, "turned").interval[1] < 0
        assert curves[game]["true"].shape == (8, 17)
    assert [text.split()[0] for text in found.warnings()] == ["turned", "turned"]
    whole = torch.softmax(red_net()(red_squares), 1)[:, 0].detach().numpy()
    assert np.allclose(curves["deletion"]["true"][:, 0], whole)
    assert np.allclose(curves["deletion"]["true"][:, -1], 1 / 3)
    assert np.allclose(curves["insertion"]["true"][:, -1], whole)


def test_the_area_is_that_under_the_curve() -> None:
    assert areas(np.array([[1.0, 1.0, 1.0], [1.0, 0.5, 0.0], [0.0, 0.0, 1.0]])).tolist() == [1.0, 0.5, 0.25]


def test_blur_keeps_light_and_takes_detail() -> None:
    pictures = torch.full((1, 3, 64, 64), 0.25)
    assert torch.allclose(blurred(pictures), pictures, atol=1e-6)
    pictures[:, :, ::2] = -0.25
    assert blurred(pictures).abs().max() < 0.01


def test_networks_become_random_from_the_top(red_squares: Any) -> None:
    net = build("tiny", 3, pretrained=False).eval()
    before = [weight.clone() for weight in net.parameters()]
    stages = list(randomised(net, red_squares, 1))
    assert len(stages) == len(STAGES)
    assert all(torch.equal(old, new) for old, new in zip(before, net.parameters()))
    changed = [
        sum(not torch.equal(a[1], b[1]) for a, b in zip(net.named_parameters(), stage.named_parameters()))
        for stage in stages
    ]
    assert changed[0] == 2
    assert changed == sorted(changed)
    first = dict(stages[-1].named_parameters())["0.weight"]
    assert not torch.equal(first, dict(net.named_parameters())["0.weight"])
    again = list(randomised(net, red_squares, 1))[-1]
    assert torch.equal(first, dict(again.named_parameters())["0.weight"])
    with torch.no_grad():
        assert float(stages[-1](red_squares).std()) > 0.01


def test_maps_are_compared_with_those_of_random_weights(red_squares: Any) -> None:
    net = red_net()
    maps = {"grad-cam": [grad_cam(net, red_squares[n : n + 1], 0) for n in range(8)]}
    found = check(net, red_squares, [0] * 8, maps, 3)
    assert [len(stage) for stage in found.signed["grad-cam"]] == [8] * len(STAGES)
    # With one channel, a random last layer can turn a map's sign, but not its size.
    assert found.size["grad-cam"][0] == pytest.approx([1.0] * 8)


def test_maps_that_do_not_change_are_warned_of() -> None:
    change, same = [[0.1, 0.0, -0.1]] * len(STAGES), [[0.9, 0.8, 0.9]] * len(STAGES)
    found = Sanity({"good": change, "edges": change}, {"good": change, "edges": same})
    (warning,) = found.warnings()
    assert "edges hardly change" in warning
    assert "0.867" in warning


def test_a_map_is_warm_where_it_is_high_and_grey_where_it_is_not() -> None:
    picture = np.full((64, 64, 3), 100, np.uint8)
    values = np.full((64, 64), -1.0, np.float32)
    assert np.array_equal(explain_plots.overlay(picture, values), picture)
    values[:16, :16] = 1.0
    shown_over = explain_plots.overlay(picture, values)
    assert np.array_equal(shown_over[32:, 32:], picture[32:, 32:])
    assert shown_over[4, 4].max() > 150


def test_a_case_tells_what_was_judged() -> None:
    case = explain_gallery.Case("fire/1.png", "fire", [0.2, 0.7, 0.1], np.zeros((8, 8, 3), np.uint8), {})
    assert case.judged == "start-fire"
    assert case.as_dict()["probabilities"] == {"fire": 0.2, "start-fire": 0.7, "no-fire": 0.1}


def test_rank_correlation_is_spearmans() -> None:
    up = np.array([1.0, 2.0, 3.0, 4.0])
    assert rank_correlation(up, np.exp(up)) == pytest.approx(1.0)
    assert rank_correlation(up, -up) == pytest.approx(-1.0)
    assert rank_correlation(up, np.zeros(4)) == 0.0
    assert rank_correlation(up, np.array([1.0, 1.0, 2.0, 2.0])) == pytest.approx(2 / np.sqrt(5))


def test_an_interval_narrows_with_pictures() -> None:
    few, many = (mean([0.0, 1.0] * n) for n in (5, 500))
    assert few.value == many.value == 0.5
    assert few.interval[0] < many.interval[0] < 0.5 < many.interval[1] < few.interval[1]
    low, high = wilson(500, 1000)
    assert many.interval == pytest.approx((low, high), abs=0.01)
