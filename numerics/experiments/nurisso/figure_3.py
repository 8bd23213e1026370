"""Figure 3 of Nurisso et al.: two hidden neurons learn F = -(x1 + x2), with and without a topological obstruction.

The paper shows one network of each kind. Here every configuration is trained from thousands of initializations, the
same ones in each: weights uniform in (-sqrt 2, sqrt 2), output signs set by hand, rescaled by Proposition 4 to
``|c_k| = 1/10``, full-batch gradient descent on the mean squared error over 8,000 points of the unit square.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from quadrics.errors import DimensionError

from ...batch import Batch, stack
from ...data import toy
from ...device import pick_device
from ...initialize import rescale
from ...intervals import Interval, proportion_interval
from ...optimizers import GradientDescent
from ...sorted_gradient import SortedObjective
from ...sweep import Engine, Progress, gather
from ...training import train
from ..following import Excursions, Law
from .figure_3_view import figure, table

__all__ = ["CONFIGURATIONS", "IMBALANCE", "Size", "figure", "learned", "run", "success", "table"]

KIND = "nurisso.fig3"
IMBALANCE = 0.1
"""``|c_k|`` of every neuron."""
RATE, STEPS = 0.01, 500
"""The paper's learning rate h and number of steps."""
LEARNED = 0.01
"""A final loss below this counts as success: the plateau is above 1."""

CONFIGURATIONS: dict[str, tuple[tuple[int, int], tuple[int, int]]] = {
    "obstructed": ((-1, -1), (1, 1)),
    "free": ((-1, 1), (1, 1)),
    "connected": ((1, 1), (1, 1)),
    "one negative": ((-1, -1), (1, -1)),
    "both negative": ((-1, -1), (-1, -1)),
}
"""Name -> signs of (c_1, c_2), signs of (a_1, a_2). The paper's two are the first ones."""


@dataclass(frozen=True)
class Size:
    """How much is run: initializations for each configuration, for the study of h, and shown in the figure.

    ``steps`` are those at the paper's rate; the other ``rates`` run for the same time.
    """

    seeds: int = 20_000
    rate_seeds: int = 5_000
    shown: int = 200
    points: int = 8_000
    steps: int = STEPS
    rates: tuple[float, ...] = (0.01, 0.005, 0.001)


QUICK = Size(seeds=2_000, rate_seeds=200, shown=100)
FULL = Size()


def run(
    quick: bool = True,
    seed: int = 0,
    device: str = "cpu",
    progress: Progress | None = None,
    size: Size | None = None,
    folder: str | Path | None = None,
    engine: Engine | None = None,
) -> xr.Dataset:
    """Train every configuration and return what became of it.

    Variables: ``loss`` (final), ``curve`` (over the steps, for those shown), ``path`` (all parameters over the steps,
    for those shown), ``start`` (input weights before the rescaling), ``output`` (final output weights), ``drift`` (the
    largest ``|c_k(t) - c_k(0)|/|c_k(0)|`` of the run), ``rise`` (``c_k`` at the end less that at the start), ``flips``
    (sign changes of ``a_k``), ``force`` (the largest ``h |v_k|``), ``energy`` (the sum of ``h |grad L|^2``),
    ``law_residual`` (how far any step was from the exact discrete law), and ``drift_by_rate`` for several learning
    rates at equal time. Attribute ``mean_square``: the sample's own mean of F².

    Args:
        quick: 2,000 initializations for each configuration (``QUICK``), or 20,000 (``FULL``).
        seed: of the data and of the initial weights.
        device: where to train.
        progress: called after each block, a configuration or a learning rate.
        size: instead of ``quick``.
        folder: where blocks are kept as they are done, so that an interrupted run resumes.
        engine: who computes the blocks; this process, one after the other, if not given.

    Raises:
        DeviceError: this machine has no such device.
        DimensionError: more networks are to be shown, or to be run at other rates, than there are.
        ResultsError: the folder holds blocks of another run.

    >>> data = run(size=Size(seeds=20, rate_seeds=2, shown=2, points=200, steps=50, rates=(0.01, 0.005)))
    >>> dict(data.loss.sizes)
    {'configuration': 5, 'seed': 20}
    >>> bool((data.loss.sel(configuration="obstructed") > data.mean_square - 1e-12).all())
    True
    """
    size = size or (QUICK if quick else FULL)
    if min(size.rate_seeds, size.shown) < 1 or max(size.rate_seeds, size.shown) > size.seeds:
        raise DimensionError(f"got {size}; expected 1 <= rate_seeds, shown <= seeds")
    place = pick_device(device)
    names = [name.replace(" ", "-") for name in CONFIGURATIONS]
    rates = [f"h={h}" for h in size.rates]
    configuration, rate = partial(_configuration, size, seed, place), partial(_rate, size, seed, place)
    settings = {"seed": seed, **asdict(size), "h": RATE, "device": place.type}
    total = len(CONFIGURATIONS) + len(rates)
    shown = None if progress is None else (lambda done, _: progress(done, total))
    later = None if progress is None else (lambda done, _: progress(len(CONFIGURATIONS) + done, total))
    runs = gather(names, configuration, kind=KIND, settings=settings, folder=folder, progress=shown, engine=engine)
    study = gather(rates, rate, kind=KIND, settings=settings, folder=folder, progress=later, engine=engine)
    runs = runs.rename(block="configuration").assign_coords(configuration=list(CONFIGURATIONS))
    study = study.drop_vars("block").rename(block="rate").assign_coords(rate=list(size.rates))
    signs = np.array([c for c, _ in CONFIGURATIONS.values()])
    return (
        runs.merge(study)
        .assign(start=(("seed", "neuron", "input"), draw(size.seeds, seed)[0].numpy()))
        .assign_coords(
            neuron=[1, 2],
            step=sorted({*range(0, size.steps + 1, _every(size.steps)), size.steps}),
            rate_configuration=["obstructed", "free"],
            imbalance=(("configuration", "neuron"), IMBALANCE * signs),
        )
        .assign_attrs(
            seed=seed, points=size.points, h=RATE, mean_square=float(toy(size.points, seed).y.square().mean())
        )
    )


def _configuration(size: Size, seed: int, place: torch.device, label: str) -> xr.Dataset:
    """Train one configuration from all initializations."""
    batch = initial(label.replace("-", " "), *draw(size.seeds, seed)).to(place)
    objective = _objective(size, seed, place)
    outcome = _train(batch, objective, RATE, size.steps)
    return outcome.merge(_watch(batch.select(slice(0, size.shown)), objective, size.steps))


def _rate(size: Size, seed: int, place: torch.device, label: str) -> xr.Dataset:
    """Train some of the networks at another learning rate, for the same time."""
    w, a = (values[: size.rate_seeds] for values in draw(size.seeds, seed))
    batch = stack([initial(name, w, a) for name in ("obstructed", "free")]).to(place)
    h = float(label.removeprefix("h="))
    drift = _train(batch, _objective(size, seed, place), h, round(size.steps * RATE / h)).drift
    dims = ("rate_configuration", "rate_seed", "neuron")
    return xr.Dataset({"drift_by_rate": (dims, drift.values.reshape(2, size.rate_seeds, 2))})


def _objective(size: Size, seed: int, place: torch.device) -> SortedObjective:
    data = toy(size.points, seed)
    return SortedObjective(data.x, data.y).to(place)


def draw(n: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return ``n`` initializations as drawn: input weights (n, 2, 2) and output weights (n, 2), U(-sqrt 2, sqrt 2)."""
    rng = np.random.default_rng([seed, 3])
    bound = math.sqrt(2)
    drawn = rng.uniform(-bound, bound, size=(n, 2, 3))
    return torch.from_numpy(drawn[..., :2].copy()), torch.from_numpy(drawn[..., 2].copy())


def initial(name: str, w: Tensor, a: Tensor) -> Batch:
    """Return the networks of a configuration: the drawn weights with its output signs, rescaled to its quadrics."""
    imbalances, signs = (torch.tensor(row, dtype=w.dtype) for row in CONFIGURATIONS[name])
    return rescale(Batch(w.clone(), (a.abs() * signs)[:, None]), IMBALANCE * imbalances)


def learned(data: xr.Dataset, configuration: str) -> np.ndarray:
    """Which initializations of a configuration ended with a loss below 0.01."""
    return np.asarray(data.loss.sel(configuration=configuration) < LEARNED)


def success(data: xr.Dataset, configuration: str, level: float = 0.95) -> Interval:
    """The fraction of initializations that learned F, with its Clopper-Pearson interval."""
    hits = learned(data, configuration)
    return proportion_interval(int(hits.sum()), len(hits), level)


def _train(batch: Batch, objective: SortedObjective, h: float, steps: int) -> xr.Dataset:
    """Train a batch, and return what became of each network."""
    recorder = Excursions(steps=[steps], keep=("largest_force", "squared_gradients"))
    result = train(batch, objective, GradientDescent(h), steps, recorder)
    by_neuron = {
        "output": result.batch.W2[:, 0],
        "drift": recorder.largest / recorder.first.abs(),
        "rise": result.batch.imbalance() - recorder.first,
        "flips": recorder.flips,
        "force": h * recorder["largest_force"][-1],
    }
    by_network = {"loss": result.loss, "energy": h * recorder["squared_gradients"][-1]}
    return xr.Dataset(
        {key: (("seed", "neuron"), value.cpu().numpy()) for key, value in by_neuron.items()}
        | {key: (("seed",), value.cpu().numpy()) for key, value in by_network.items()}
    )


def _watch(batch: Batch, objective: SortedObjective, steps: int) -> xr.Dataset:
    """Train a few networks again and return their trajectories."""
    watched = Law(RATE, every=_every(steps))
    train(batch, objective, GradientDescent(RATE), steps, watched)
    return xr.Dataset(
        {
            "curve": (("step", "shown"), watched["loss"].cpu().numpy()),
            "path": (("step", "shown", "parameter"), watched["parameters"].cpu().numpy()),
            "law_residual": watched.residual,
        }
    )


def _every(steps: int) -> int:
    """How often trajectories are kept: some fifty times."""
    return max(1, steps // 50)
