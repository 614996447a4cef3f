"""The state of a training run: weights, their average, optimiser, history; saved whole after each epoch."""

from __future__ import annotations

import copy
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import torch
from torch import nn

from models.data import DataError

log = logging.getLogger(__name__)


class Run:
    """What is common to all: a subclass says how it learns. Goes on where `checkpoint` left off.

    `config` is a dataclass with `decay`, of the average; `rates` are the weights of `net`, and the highest
    learning rate of each group. Raises DataError for the checkpoint of another run.
    """

    def __init__(
        self,
        config: Any,
        net: nn.Module,
        rates: Sequence[Tuple[Sequence[nn.Parameter], float]],
        weight_decay: float,
        checkpoint: Path,
    ) -> None:
        self._config = config
        self._checkpoint = checkpoint
        self._net = net
        self._average = copy.deepcopy(net)
        self._optimiser = torch.optim.AdamW(
            [{"params": weights, "peak": rate, "lr": rate} for weights, rate in rates],
            weight_decay=weight_decay,
        )
        self._step = self.epoch = 0
        self.history: List[Dict[str, Any]] = []
        self.resumed = checkpoint.is_file()
        if self.resumed:
            self._resume()

    def save(self, epoch: int) -> None:
        """Written aside and renamed, so that a run can be broken off at any time."""
        state = {
            "config": asdict(self._config),
            "net": self._net.state_dict(),
            "average": self._average.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "step": self._step,
            "epoch": epoch,
            "history": self.history,
        }
        aside = self._checkpoint.with_suffix(".tmp")
        torch.save(state, aside)
        aside.replace(self._checkpoint)

    def _resume(self) -> None:
        state = torch.load(self._checkpoint, weights_only=False)
        if state["config"] != asdict(self._config):
            raise DataError(f"{self._checkpoint} is of a run with other settings: choose another --out")
        self._net.load_state_dict(state["net"])
        self._average.load_state_dict(state["average"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._step, self.epoch, self.history = state["step"], state["epoch"], state["history"]
        log.info("going on after epoch %d", self.epoch)

    @torch.no_grad()
    def _follow(self) -> None:
        """Exponential moving average of the weights, short at first (Polyak & Juditsky 1992)."""
        decay = self._config.decay * self._step / (self._step + 20)
        for average, latest in zip(self._average.state_dict().values(), self._net.state_dict().values()):
            if average.dtype.is_floating_point:
                average.lerp_(latest, 1 - decay)
            else:
                average.copy_(latest)
