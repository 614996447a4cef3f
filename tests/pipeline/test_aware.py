"""Networks that learn as INT8 computes them, held against the INT8 bundles that `quantise` makes of them."""

from __future__ import annotations

import copy
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
from typer import Typer
from typer.testing import CliRunner

from agent.vision.preprocess import InputSpec, to_batch
from models.data import DataError, read_picture
from models.quantise import quantise
from models.verify import verify
from tests.fakes import class_folders

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'beffroi[train]'")

from torch import Tensor, nn  # noqa: E402  # after the skip

from models.aware import attach, rounded_layers  # noqa: E402
from models.export import export  # noqa: E402
from models.nets import NETS, build  # noqa: E402
from models.nets.efficientnet_lite import SameConv, efficientnet_lite0  # noqa: E402
from models.prune import narrowed  # noqa: E402
from models.run import Run  # noqa: E402

LABELS = list(class_folders.COLOURS)
SPEC = InputSpec(32, 32, mean=(127, 127, 127), scale=(128, 128, 128))
EXEMPT = "/_blocks.0/_project_conv/Conv"

Numbers = npt.NDArray[np.float32]


def asked(verb: Callable[..., None], *arguments: object) -> str:
    app = Typer()
    app.command()(verb)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch would rather export in another way
        said = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert said.exit_code == 0, (said.output, said.exception)
    return said.stdout


def run_of(net: nn.Module, name: str, data: Path, folder: Path) -> Path:
    """A run folder as `train` leaves it, of a network that learnt here."""
    config = {
        "data": str(data), "net": name, "epochs": 1, "side": 32, "final_epochs": 0, "final_side": 32,
        "seed": 1, "split": None, "negatives": None,
    }  # fmt: skip
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    if not (folder / "checkpoint.pt").exists():
        torch.save({"average": net.state_dict()}, folder / "checkpoint.pt")
    return folder


def bundles(run: Path, data: Path, left: Sequence[str] = ()) -> tuple[Path, Path]:
    """What `export` makes of a run, and what `quantise` makes of that."""
    whole, small = run / "whole", run / "small"
    asked(export, run, "--out", whole)
    asked(
        quantise,
        whole,
        "--pictures",
        data,
        "--out",
        small,
        *(part for node in left for part in ("--float", node)),
    )
    return whole, small


def said_by(bundle: Path, batch: Numbers) -> Numbers:
    """What the file says, read to the letter: left alone, ONNX Runtime takes a short cut through integers
    whose sums overflow on processors without VNNI."""
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(bundle / "model.onnx"), options, ["CPUExecutionProvider"])
    said: Numbers = session.run(["logits"], {"pictures": batch})[0]
    return said


def answers(net: nn.Module, batch: Numbers) -> Numbers:
    with torch.no_grad():
        found: Numbers = net.eval()(torch.from_numpy(batch)).numpy()
    return found


def learn(
    net: nn.Module,
    batch: Numbers,
    truth: Tensor,
    steps: int,
    then: Callable[[], None] = lambda: None,
    rate: float = 0.01,
) -> None:
    optimiser = torch.optim.Adam(net.parameters(), rate)
    chance = torch.Generator().manual_seed(1)
    net.train()
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = rate * (1 - step / steps)
        picks = torch.randperm(len(batch), generator=chance)[:32]
        loss = nn.functional.cross_entropy(net(torch.from_numpy(batch)[picks]), truth[picks])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        then()


def size(numbers: Numbers) -> float:
    return float(np.sqrt((numbers**2).mean()))


@pytest.fixture(scope="module")
def batch(data: Path) -> Numbers:
    """Every picture as the agent prepares it."""
    pictures = [read_picture(path) for path in sorted(data.rglob("*.png"))]
    return to_batch([picture for picture in pictures if picture is not None], SPEC)


@pytest.fixture(scope="module")
def truth(data: Path) -> Tensor:
    return torch.tensor([LABELS.index(path.parent.name) for path in sorted(data.rglob("*.png"))])


@pytest.fixture(scope="module")
def tiny(batch: Numbers, truth: Tensor) -> nn.Module:
    torch.manual_seed(2)
    net = build("tiny", 3, pretrained=False)
    learn(net, batch, truth, 60)
    return net.eval()


@dataclass(frozen=True)
class Made:
    """A float network, the bundles that the verbs made of it, and the layers that were exempted by name."""

    net: nn.Module
    whole: Path
    small: Path
    left: Sequence[str]


def short(classes: int, *, pretrained: bool) -> nn.Module:
    """The first four blocks of Lite0: depthwise layers, uneven padding, a shortcut. Its whole depth, of
    random weights, says something else for the last bit of any sum."""
    net = efficientnet_lite0(classes, pretrained=False)
    net._blocks = net._blocks[:4]
    net._conv_head = SameConv(40, 1280, 1)
    return net


@pytest.fixture(scope="module", params=["tiny", "short"])
def made(
    request: Any,
    tiny: nn.Module,
    data: Path,
    batch: Numbers,
    truth: Tensor,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Made]:
    net, left = tiny, []
    if request.param == "short":
        torch.manual_seed(4)
        net, left = narrowed(short(3, pretrained=False), 0.5, 32), [EXEMPT]
        for layer in net.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.momentum = 0.2
        learn(net, batch, truth, 20)
    folder = run_of(net, request.param, data, tmp_path_factory.mktemp("aware") / "run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(NETS, "short", (__name__, "short"))
        yield Made(net.eval(), *bundles(folder, data, left), left)


def test_what_quantise_rounds_is_rounded_and_nothing_else(made: Made) -> None:
    graph = onnx.load(str(made.small / "model.onnx")).graph
    rounded = {name for node in graph.node if node.op_type == "DequantizeLinear" for name in node.output}
    nodes = [node for node in graph.node if rounded.issuperset(node.input[:2]) and node.op_type == "Conv"]
    names = {node.name[1:].replace("/Conv", "").replace("/", ".") for node in nodes}
    assert set(rounded_layers(made.net, made.left)) == names
    assert len(names) > 2


def test_it_says_what_the_int8_bundle_says(made: Made, batch: Numbers) -> None:
    """Once it has the ranges of the float network, which are those that `quantise` measures."""
    net, seen = copy.deepcopy(made.net), {}

    def watch(layer: nn.Module, given: tuple[Tensor, ...]) -> None:
        seen[layer] = given[0]

    layers = rounded_layers(net, made.left)
    watchers = [layer.register_forward_pre_hook(watch) for layer in layers.values()]
    plain, wanted = answers(net, batch), said_by(made.small, batch)
    for watcher in watchers:
        watcher.remove()
    attached = attach(net, left=made.left)
    for name, layer in layers.items():
        attached.ranges[name].of(seen[layer], training=True)
    assert size(answers(net, batch) - wanted) < 0.1 * size(plain - wanted)


def test_the_state_stays_that_of_the_float_network(made: Made, batch: Numbers, truth: Tensor) -> None:
    net, plain = copy.deepcopy(made.net), copy.deepcopy(made.net)
    before = {name: (value.shape, value.dtype) for name, value in net.state_dict().items()}
    attached = attach(net, left=made.left)
    learn(net, batch, truth, 2)
    assert {name: (value.shape, value.dtype) for name, value in net.state_dict().items()} == before
    plain.load_state_dict(net.state_dict())
    assert not np.array_equal(answers(net, batch), answers(plain, batch))
    attached.remove()
    assert np.array_equal(answers(net, batch), answers(plain, batch))


def test_gradients_reach_every_weight(made: Made, batch: Numbers, truth: Tensor) -> None:
    """And point where those of the float network do."""
    found = []
    for aware in (False, True):
        net = copy.deepcopy(made.net).eval()
        if aware:
            attach(net, left=made.left)
        nn.functional.cross_entropy(net(torch.from_numpy(batch)), truth).backward()
        found.append([weight.grad.flatten() for weight in net.parameters()])
    for plain, rounded in zip(*found):
        assert (rounded.abs().sum() > 0) == (plain.abs().sum() > 0)
    assert torch.cosine_similarity(torch.cat(found[0]), torch.cat(found[1]), 0) > 0.8


def test_a_range_grows_at_once_shrinks_slowly_and_stays_in_evaluation() -> None:
    net = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.Conv2d(1, 1, 1, bias=False))
    for layer in net:
        nn.init.ones_(layer.weight)
    average = copy.deepcopy(net)
    attach(net, average)

    def through(one: nn.Module, *values: float) -> list[float]:
        said: list[float] = one(torch.tensor(values).reshape(-1, 1, 1, 1)).flatten().tolist()
        return said

    net.train()
    average.eval()
    assert through(average, 127.0, 0.4) == pytest.approx([127.0, 0.0])
    assert through(average, 12.7, 0.4) == pytest.approx([12.7, 0.4])
    through(net, -254.0)
    assert through(average, 1.2, 300.0) == pytest.approx([2.0, 254.0])
    assert through(net, 1.2, 0.0)[0] == pytest.approx(254 * 0.95 / 127, abs=0.01)
    for _ in range(200):
        through(net, 1.0)
    assert through(net, 1.0, 0.5) == pytest.approx([1.0, 0.5], abs=0.01)
    through(average, 1000.0)
    assert through(average, 0.5) == pytest.approx([0.5], abs=0.01)


def test_zeros_are_no_trouble() -> None:
    net = nn.Sequential(nn.Conv2d(2, 2, 1), nn.Conv2d(2, 2, 1))
    nn.init.zeros_(net[0].weight)
    attach(net)
    said = net.train()(torch.zeros(1, 2, 4, 4))
    said.sum().backward()
    assert torch.isfinite(said).all()
    assert torch.isfinite(net[0].weight.grad).all()


def test_a_failure_leaves_the_weights_as_they_were() -> None:
    net = nn.Sequential(nn.Conv2d(2, 2, 1), nn.Conv2d(2, 2, 1))
    attach(net)
    with pytest.raises(RuntimeError, match="channels"):
        net(torch.zeros(1, 5, 4, 4))
    assert isinstance(net[0].weight, nn.Parameter)


def test_a_layer_that_is_not_there_is_refused() -> None:
    with pytest.raises(DataError, match="no layer /nowhere/Conv"):
        attach(build("tiny", 3, pretrained=False), left=["/nowhere/Conv"])


@dataclass(frozen=True)
class Config:
    decay: float = 0.9


class Learner(Run):
    """A run as `train` has it, but of a few steps on pictures that are not varied."""

    def __init__(self, net: nn.Module, checkpoint: Path) -> None:
        super().__init__(Config(), net, [(list(net.parameters()), 0.01)], 0.0, checkpoint)
        attach(self._net, self._average)

    def learn(self, batch: Numbers, truth: Tensor, steps: int) -> None:
        learn(self._net, batch, truth, steps, self._count)

    def judge(self, batch: Numbers) -> Numbers:
        return answers(self._average, batch)

    def _count(self) -> None:
        self._step += 1
        self._follow()


def test_a_run_is_averaged_gone_on_with_exported_quantised_and_verified(
    data: Path, batch: Numbers, truth: Tensor, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    torch.manual_seed(3)
    fresh = narrowed(build("tiny", 3, pretrained=False), 0.5, 32)
    begun = Learner(copy.deepcopy(fresh), run / "checkpoint.pt")
    begun.learn(batch, truth, 30)
    begun.save(1)
    again = Learner(copy.deepcopy(fresh), run / "checkpoint.pt")
    assert again.resumed
    again.learn(batch, truth, 30)
    again.save(2)
    whole, small = bundles(run_of(fresh, "tiny", data, run), data)
    wanted = said_by(small, batch)
    assert size(again.judge(batch) - wanted) < 0.02 * size(wanted)
    assert size(said_by(whole, batch) - wanted) < 0.02 * size(wanted)
    assert json.loads(asked(verify, small, data, "--json"))["accuracy"] > 0.9


def test_what_int8_breaks_is_repaired(
    tiny: nn.Module, data: Path, batch: Numbers, truth: Tensor, tmp_path: Path
) -> None:
    """One channel is a thousand times as large as the others, and what follows takes it as much smaller: the
    network says what it said, but one range for all channels does not tell the others from zero."""
    net = copy.deepcopy(tiny)
    with torch.no_grad():
        for norm, behind in ((1, 3), (4, 6)):
            net[norm].weight[0] *= 1000
            net[norm].bias[0] *= 1000
            net[behind].weight[:, 0] /= 1000
    whole, broken = bundles(run_of(net, "tiny", data, tmp_path / "before"), data)
    agreed = said_by(whole, batch).argmax(1)
    assert (agreed == answers(tiny, batch).argmax(1)).all()
    attach(net)
    learn(net, batch, truth, 60, rate=0.003)
    _, repaired = bundles(run_of(net, "tiny", data, tmp_path / "after"), data)
    before, after = (float((said_by(one, batch).argmax(1) == agreed).mean()) for one in (broken, repaired))
    assert before < 0.8
    assert after > 0.95
