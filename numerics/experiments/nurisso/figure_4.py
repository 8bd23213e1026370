"""Figure 4 of Nurisso et al.: test loss on the breast-cancer data against the number of non-pathological neurons.

The paper trains networks of width l = 2..9 in which l_+ = 0..l neurons have c_k > 0, from 100 initializations each, and
reports the mean test loss. It does not say how the data are split and scaled, which optimizer runs for how long, how
weights are drawn, how large ``|c_k|`` is, nor which signs the output weights have. The last two decide the outcome, so
four protocols are run, alike in everything else (``PROTOCOLS``).

Random numbers are common to all cells: an initialization has the same first neurons at every width (up to the scale of
the output weights), the first l_+ of them get c_k > 0, and all protocols start from it. So differences between cells
are paired, and the initializations are independent of each other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from quadrics.errors import DimensionError

from ...batch import Batch
from ...data import Dataset, breast_cancer
from ...device import pick_device
from ...initialize import rescale
from ...objective import Objective
from ...optimizers import GradientDescent
from ...sweep import Engine, Grid, Progress
from ...training import train
from ..following import Flips
from .figure_4_protocols import PROTOCOLS, Protocol
from .figure_4_view import figure, table

__all__ = ["FULL", "PROTOCOLS", "QUICK", "Protocol", "Size", "figure", "run", "table"]


KIND = "nurisso.fig4"
RATE = 0.1
STEPS = 1000


@dataclass(frozen=True)
class Size:
    """How much is run: widths, initializations for each cell, steps, protocols.

    Under the protocols ``ends_only`` the cells between l_+ = 0 and l_+ = l are left out.
    """

    widths: tuple[int, ...] = tuple(range(2, 10))
    seeds: int = 100
    steps: int = STEPS
    protocols: tuple[str, ...] = tuple(PROTOCOLS)
    ends_only: tuple[str, ...] = ()


QUICK = Size(widths=(2, 4, 8), seeds=72, ends_only=("A", "C", "F"))
FULL = Size()


def run(
    quick: bool = True,
    seed: int = 0,
    device: str = "cpu",
    progress: Progress | None = None,
    size: Size | None = None,
    dtype: torch.dtype = torch.float32,
    folder: str | Path | None = None,
    engine: Engine | None = None,
) -> xr.Dataset:
    """Train every cell (l, l_+) under every protocol and return the outcome for every initialization.

    Variables over (protocol, width, l_plus, seed), NaN where there is no such network: ``test_loss`` and
    ``train_loss`` (mean binary cross-entropy), ``accuracy`` (on the test data), ``all_positive`` (1 where every output
    weight is positive at the end), ``flips`` and ``healthy_flips`` (sign changes of the a_k with c_k < 0 and > 0),
    ``drift`` (the largest ``|c_k(end) - c_k(0)|/|c_k(0)|``). Attribute ``positive_bound``: the mean test loss that no
    network with positive output weights can get below, ``log 2`` times the share of the class 0.

    Args:
        quick: a part of the widths and of the initializations (``QUICK``), or all (``FULL``).
        seed: of the split and of the initial weights.
        device: where to train.
        progress: called after each block, a width under a protocol.
        size: instead of ``quick``.
        dtype: of the training.
        folder: where blocks are kept as they are done, so that an interrupted run resumes.
        engine: who computes the blocks; this process, one after the other, if not given.

    Raises:
        DeviceError: this machine has no such device.
        DimensionError: no seeds, or a width below 1.
        ResultsError: the folder holds blocks of another run.

    >>> data = run(size=Size(widths=(2,), seeds=3, steps=5, protocols=("A", "D")))
    >>> dict(data.test_loss.sizes)
    {'protocol': 2, 'width': 1, 'l_plus': 3, 'seed': 3}
    >>> bool((data.test_loss.sel(protocol="D", l_plus=0) > data.positive_bound).all())
    True
    """
    size = size or (QUICK if quick else FULL)
    if size.seeds < 1 or not size.protocols or not size.widths or min(size.widths) < 1:
        raise DimensionError(f"got {size}; expected at least one initialization, one protocol and widths from 1")
    place = pick_device(device)
    block = partial(_block, size=size, seed=seed, place=place, dtype=dtype)
    given = {"seeds": size.seeds, "steps": size.steps, "ends_only": size.ends_only, "h": RATE}
    settings = {"seed": seed, **given, "dtype": str(dtype).removeprefix("torch."), "device": place.type}
    grid = Grid(protocol=size.protocols, width=size.widths)
    data = grid.run(block, kind=KIND, settings=settings, folder=folder, progress=progress, engine=engine)
    test_data = breast_cancer(seed, dtype)[1]
    share = float((test_data.y == 0).double().mean())
    return data.transpose("protocol", "width", "l_plus", "seed").assign_attrs(
        split=seed,
        steps=size.steps,
        h=RATE,
        dtype=settings["dtype"],
        share_of_class_0=share,
        positive_bound=math.log(2) * share,
    )


def initial(protocol: Protocol, width: int, l_plus: Sequence[int], seeds: int, seed: int) -> Batch:
    """Return the networks of one width in the order of the cells ``l_plus``, all initializations of a cell together.

    Input weights N(0, 2/d), output weights N(0, 2/l) (Kaiming), made positive where the protocol says so, and rescaled
    by Proposition 4 to c_k = +|c| for the first l_+ neurons and -|c| for the others.
    """
    d_in = 30
    # A generator for each neuron: neuron k of initialization i is the same whatever the width and their number.
    normal = torch.stack([_normals([seed, 4, k], (seeds, d_in + 1)) for k in range(width)], dim=1)
    w = normal[..., :d_in] * math.sqrt(2 / d_in)
    a = normal[..., d_in] * math.sqrt(2 / width)
    if protocol.positive:
        a = a.abs()
    healthy = torch.arange(width)[None] < torch.tensor(l_plus)[:, None]
    c = torch.where(healthy, protocol.imbalance, -protocol.imbalance).to(torch.float64)
    batch = Batch(w.repeat(len(l_plus), 1, 1), a.repeat(len(l_plus), 1)[:, None])
    return rescale(batch, c.repeat_interleave(seeds, dim=0))


def _normals(seed: list[int], shape: tuple[int, ...]) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape))


def _block(protocol: str, width: int, *, size: Size, seed: int, place: torch.device, dtype: torch.dtype) -> xr.Dataset:
    """Train the cells (width, l_+) under one protocol."""
    healthy = [0, width] if protocol in size.ends_only else list(range(width + 1))
    start = initial(PROTOCOLS[protocol], width, healthy, size.seeds, seed).to(place, dtype)
    train_data, test_data = (part.to(place) for part in breast_cancer(seed, dtype))
    outcome = _outcome(start, train_data, test_data, size.steps)
    shape = (len(healthy), size.seeds)
    return xr.Dataset(
        {key: (("l_plus", "seed"), value.double().cpu().numpy().reshape(shape)) for key, value in outcome.items()},
        coords={"l_plus": healthy},
    )


def _outcome(start: Batch, train_data: Dataset, test_data: Dataset, steps: int) -> dict[str, Tensor]:
    first = start.imbalance()
    fit = Objective(train_data.x, train_data.y, "bce")
    recorder = Flips(steps=[steps], keep=())
    result = train(start, fit, GradientDescent(RATE), steps, recorder)
    final = result.batch
    correct = (final.output(test_data.x) > 0) == (test_data.y > 0.5)
    return {
        "test_loss": Objective(test_data.x, test_data.y, "bce").loss(final),
        "train_loss": result.loss,
        "accuracy": correct.double().mean((1, 2)),
        "all_positive": (final.W2[:, 0] > 0).all(1),
        "flips": (recorder.flips * (first < 0)).sum(1),
        "healthy_flips": (recorder.flips * (first > 0)).sum(1),
        "drift": ((final.imbalance() - first) / first).abs().amax(1),
    }
