"""Barriers between networks trained on digits: as they are, after weight matching, after removing rescalings too.

Pairs of ReLU networks of one width are trained from different initial weights. The loss is followed along the
straight segment between them as stored, after permuting neurons by weight matching (Ainsworth et al., 2023), and
after the alignment that compares balanced neurons (:mod:`numerics.tools.alignment`). Then once more after each neuron
of the second network was rescaled by a factor of its own, which changes nothing about its function: alignment does
not notice, weight matching does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from quadrics.activation import relu
from quadrics.errors import DimensionError

from ...batch import Batch
from ...device import pick_device
from ...modules import Layers
from ...objective import Objective
from ...optimizers import Adam
from ...sweep import Engine, Progress, gather
from ...tools.alignment import Group, align
from ...tools.loss_along import follow, segment
from ...training import train
from ..simsek.digits import CLASSES, images
from .rebasin_view import figure, table

__all__ = ["SCALES", "STAGES", "Size", "figure", "initial", "run", "table"]

KIND = "beyond.zhao.rebasin"
RATE = 3e-3
STAGES = ("as stored", "permuted", "aligned")
SCALES = ("as trained", "rescaled")
SPREAD = 1.0
"""The logarithms of the factors of ``rescaled`` are normal with this standard deviation."""


@dataclass(frozen=True)
class Size:
    """How much is run.

    Attributes:
        widths: of the hidden layer.
        pairs: how many pairs of each width.
        steps: of Adam, on all images at each.
        every: every how manieth image is learned.
        grid: points on each segment before refinement.
    """

    widths: tuple[int, ...] = (8, 16, 32, 64, 128, 256, 512)
    pairs: int = 12
    steps: int = 1000
    every: int = 1
    grid: int = 51


QUICK = Size(widths=(8, 32, 128), pairs=6, steps=300, every=3, grid=21)
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
    """Train pairs of networks, and return the losses between them.

    Variables: ``loss`` along the segments, by width, pair, scale, stage and t; ``barrier`` by width, pair, scale and
    stage; ``unevenness`` by width and pair, the standard deviation of the logarithms of the factors that bring the
    neurons of the second network, as trained, to their partners' scale.

    Args:
        quick: widths 8, 32 and 128, 6 pairs, every third image (``QUICK``), or ``FULL``.
        seed: of initial weights and factors.
        device: where to train; the segments are followed on the CPU, in double precision.
        progress: called after each width.
        size: instead of ``quick``.
        folder: where blocks are kept as they are done, so that an interrupted run resumes.
        engine: who computes the blocks; this process, one after the other, if not given.

    Raises:
        DeviceError: this machine has no such device.
        DimensionError: sizes that are not positive, a width twice, or fewer than 5 points on a segment.
        ResultsError: the folder holds blocks of another run.

    >>> data = run(size=Size(widths=(4,), pairs=1, steps=20, every=20, grid=5))
    >>> data.barrier.dims, data.loss.shape
    (('width', 'pair', 'scale', 'stage'), (1, 1, 2, 3, 5))
    """
    size = size or (QUICK if quick else FULL)
    _check(size)
    place = pick_device(device)
    settings = {"seed": seed, **asdict(size), "device": place.type}
    labels, block = [f"width-{width}" for width in size.widths], partial(_block, size, seed, place)
    data = gather(labels, block, kind=KIND, settings=settings, folder=folder, progress=progress, engine=engine)
    coords = {"width": list(size.widths), "pair": np.arange(size.pairs), "scale": list(SCALES), "stage": list(STAGES)}
    data = data.rename(block="width").assign_coords({**coords, "t": np.linspace(0, 1, size.grid)})
    return data.assign_attrs(seed=seed, images=len(_images(size)[0]), steps=size.steps, pairs=size.pairs)


def _block(size: Size, seed: int, place: torch.device, label: str) -> xr.Dataset:
    """Train the pairs of one width and measure between them."""
    width = int(label.split("-")[1])
    x, y = _images(size)
    objective = Objective(x, y, "ce", classes=CLASSES)
    learned = Objective(x.float(), y, "ce", classes=CLASSES).to(place)
    start = initial(2 * size.pairs, width, seed)
    batch = train(start.to(place), learned, Adam(RATE), size.steps).batch.to("cpu", torch.float64)
    factors = torch.Generator().manual_seed(_seed(seed, 1, width))
    measured = [
        _measure(batch.layers(2 * k), batch.layers(2 * k + 1), objective, factors, size.grid) for k in range(size.pairs)
    ]
    return xr.concat(measured, "pair")


def _images(size: Size) -> tuple[Tensor, Tensor]:
    x, y = images()
    return x[:: size.every], y[:: size.every]


def initial(n: int, width: int, seed: int) -> Batch:
    """Return n ReLU networks with Glorot's uniform weights and zero biases, in single precision."""
    source = torch.Generator().manual_seed(_seed(seed, 0, width))

    def glorot(*shape: int) -> Tensor:
        return torch.rand(n, *shape, generator=source).mul(2).sub(1).mul(float(np.sqrt(6 / sum(shape))))

    return Batch(glorot(width, 64), glorot(CLASSES, width), torch.zeros(n, width), torch.zeros(n, CLASSES))


def _measure(first: Layers, second: Layers, objective: Objective, source: torch.Generator, grid: int) -> xr.Dataset:
    losses, barriers, uneven = [], [], 0.0
    for scale in SCALES:
        other = second if scale == "as trained" else _rescaled(second, source)
        full, plain = align(first, other), align(first, other, group=Group.PERMUTATIONS)
        ends = {"as stored": other, "permuted": plain.second, "aligned": full.second}
        found = [follow(stage, segment(first, ends[stage]), objective, relu, grid=grid) for stage in STAGES]
        losses.append([one.loss for one in found])
        barriers.append([one.barrier for one in found])
        if scale == "as trained":
            uneven = float(np.log(full.factors).std())
    kinds = ("scale", "stage")
    return xr.Dataset({"loss": ((*kinds, "t"), losses), "barrier": (kinds, barriers), "unevenness": uneven})


def _rescaled(layers: Layers, source: torch.Generator) -> Layers:
    assert layers.b1 is not None
    m = torch.exp(SPREAD * torch.randn(len(layers.b1), generator=source, dtype=torch.float64))
    return Layers(layers.W1 * m[:, None], layers.W2 / m, layers.b1 * m, layers.b2)


def _seed(seed: int, what: int, width: int) -> int:
    return int(np.random.SeedSequence([seed, 6, what, width]).generate_state(1, np.uint64)[0] >> 1)


def _check(size: Size) -> None:
    if not size.widths or min(*size.widths, size.pairs, size.steps, size.every) < 1 or size.grid < 5:
        raise DimensionError(f"got {size}; expected positive numbers, and at least 5 points on a segment")
    if len(set(size.widths)) < len(size.widths):
        raise DimensionError(f"widths: got {size.widths}; expected each once")
