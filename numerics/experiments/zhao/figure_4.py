"""Figure 4 of Zhao et al.: the loss between two minima of a trained leaky ReLU network with five layers.

The network 8 - 16 - 32 - 16 - 8 - 4 is trained to a loss of 0 on Gaussian data, and the last two hidden layers are
rescaled: (m W_4, W_5/m). At the middle of the segment the loss ‖Y - f‖ is ‖Y‖ (m - 1)²/(4m); on the curve
(m^t W_4, m^-t W_5) it stays where training left it. The paper leaves initialization, slope, learning rate and number
of steps open: here Gaussian weights of variance 2/inputs, slope 1/100, and stochastic-gradient descent on the squared
loss with all four samples in a batch, learning rate 5e-4 and momentum 0.9.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import sympy
import torch
import xarray as xr
from torch import Tensor

from quadrics.activation import leaky_relu
from quadrics.connectivity.barriers import ALPHA, FACTOR, barrier, output_factor
from quadrics.errors import DimensionError

from ...activation import Sigma, homogeneous_sigma_of
from ...bridge import torch_function
from ...device import pick_device
from ...levenberg_marquardt import levenberg_marquardt
from ...sweep import Engine, Progress, gather
from .figure_4_view import figure, reached, table
from .rescaled_copies import gaps, output, rescaled, straight

__all__ = ["SIGMA", "WIDTHS", "Size", "Trained", "figure", "reached", "run", "table", "train"]

KIND = "zhao.fig4"
WIDTHS = (8, 16, 32, 16, 8, 4)
SAMPLES = 4
SIGMA: Sigma = homogeneous_sigma_of(leaky_relu(sympy.Rational(1, 100)), "figure 4")
RATE, MOMENTUM = 5e-4, 0.9
OWN = ("norm", "trained", "steps", "rounding")
TARGET = 1e-12
"""The loss ‖Y - f‖ at which training ends."""


@dataclass(frozen=True)
class Size:
    """How many networks, how many steps of descent at most, whether least squares finish them, what is looked at."""

    networks: int = 10
    steps: int = 200_000
    polish: bool = False
    factors: tuple[float, ...] = (2, 5, 10, 20, 50, 100, 1000)
    parts: int = 200


QUICK = Size(networks=3, steps=500, polish=True, parts=50)
FULL = Size()


@dataclass(frozen=True)
class Trained:
    """Trained networks with their data, ``loss`` (n,) ‖Y - f‖, and how many steps of descent each took."""

    weights: list[Tensor]
    X: Tensor
    Y: Tensor
    loss: Tensor
    steps: Tensor


def train(size: Size, seed: int = 0, device: str | torch.device = "cpu") -> Trained:
    """Draw networks and data, and train them side by side; a network that reached the target stands still."""
    generators = [torch.Generator().manual_seed(_seed(seed, i)) for i in range(size.networks)]

    def normal(*shape: int) -> Tensor:
        return torch.stack([torch.randn(*shape, generator=g, dtype=torch.float64) for g in generators]).to(device)

    X, Y = normal(WIDTHS[0], SAMPLES), normal(WIDTHS[-1], SAMPLES)
    weights = [normal(o, i) * (2 / i) ** 0.5 for i, o in pairwise(WIDTHS)]
    speed = [torch.zeros_like(W) for W in weights]
    taken = torch.zeros(size.networks, dtype=torch.int64, device=device)
    for _ in range(size.steps):
        leaves = [W.requires_grad_(True) for W in weights]
        squares = (Y - output(leaves, X, SIGMA)).square().sum((1, 2))
        moving = (squares.detach() > TARGET**2).to(Y)[:, None, None]
        if not bool(moving.any()):
            break
        gradients = torch.autograd.grad(squares.sum(), leaves)
        speed = [moving * (MOMENTUM * v + g) for v, g in zip(speed, gradients, strict=True)]
        weights = [W.detach() - RATE * v for W, v in zip(weights, speed, strict=True)]
        taken += moving[:, 0, 0].long()
    weights = [W.detach() for W in weights]
    if size.polish:
        weights = _polish(weights, X, Y)
    return Trained(weights, X, Y, gaps(weights, X, Y, SIGMA), taken)


def _polish(weights: Sequence[Tensor], X: Tensor, Y: Tensor) -> list[Tensor]:
    """The last digits, by least squares in all weights of each network."""
    polished = []
    for k in range(len(Y)):
        own = [W[k] for W in weights]

        def residual(rows: Tensor, own: list[Tensor] = own, k: int = k) -> Tensor:
            return (output(_unflatten(rows, own), X[k], SIGMA) - Y[k]).flatten(1)

        start = torch.cat([W.reshape(-1) for W in own])[None]
        # Sixteen equations in many unknowns: the singular value decomposition keeps the last digits.
        found = levenberg_marquardt(residual, start, steps=200, target=TARGET**2, method="qr")
        polished.append(_unflatten(found.point, own))
    return [torch.cat(layer) for layer in zip(*polished, strict=True)]


def _unflatten(rows: Tensor, like: Sequence[Tensor]) -> list[Tensor]:
    parts = torch.split(rows, [W.numel() for W in like], -1)
    return [part.reshape(-1, *W.shape) for part, W in zip(parts, like, strict=True)]


def run(
    quick: bool = True,
    seed: int = 0,
    device: str = "cpu",
    progress: Progress | None = None,
    size: Size | None = None,
    folder: str | Path | None = None,
    engine: Engine | None = None,
) -> xr.Dataset:
    """Train the networks, and compute the loss between each and its copies.

    Variables by network, factor m and time α: ``loss`` (‖Y - f‖ on the segment), ``formula`` (‖Y‖(φ - 1)), ``curve``
    (the loss at (m^α W_4, m^-α W_5)); by network: ``norm`` (‖Y‖), ``trained`` (the loss that training reached),
    ``steps``, ``rounding`` (how far rounding may move the output); by factor: ``height`` ((m - 1)²/(4m)).

    Args:
        quick: three networks, 500 steps and least squares (``QUICK``), or ten by descent alone (``FULL``).
        seed: of the networks and their data.
        device: where they are trained.
        progress: called after each factor.
        size: instead of ``quick``.
        folder: where blocks are kept as they are done.
        engine: who computes the blocks; this process, one after the other, if not given.

    Raises:
        DeviceError: this machine has no such device.
        DimensionError: no networks, no factors, a factor that is not positive, or an odd number of parts.

    >>> data = run(size=Size(networks=1, steps=200, polish=True, factors=(4,), parts=2))
    >>> abs(float(data.loss.sel(alpha=0.5).sum() / data.norm.sum()) - 9 / 16) < 1e-9
    True
    """
    size = size or (QUICK if quick else FULL)
    fits = size.networks > 0 and size.factors and min(size.factors) > 0 and size.parts > 1 and size.parts % 2 == 0
    if not fits or size.steps < 0:
        raise DimensionError(f"got {size}; expected networks, positive factors, and an even number of parts")
    place = pick_device(device)
    labels, block = map(str, size.factors), partial(_block, size, seed, place)
    settings = {"seed": seed, **asdict(size), "device": place.type}
    blocks = gather(labels, block, kind=KIND, settings=settings, folder=folder, progress=progress, engine=engine)
    found: dict[str, Any] = {
        name: (("factor", "network", "alpha"), np.asarray(blocks[name].values)) for name in ("loss", "formula", "curve")
    }
    found |= {name: ("network", np.asarray(blocks[name].values)[0]) for name in OWN}
    found["height"] = ("factor", [float(barrier(m, squared=False)) for m in size.factors])
    return xr.Dataset(
        found,
        coords={"factor": [float(m) for m in size.factors], "alpha": _times(size).numpy()},
        attrs={"seed": seed, "rate": RATE, "momentum": MOMENTUM, "polish": int(size.polish)},
    )


def _block(size: Size, seed: int, place: torch.device, label: str) -> xr.Dataset:
    """Compute the losses between each network and its copy by one factor."""
    m, alpha, trained = float(label), _times(size), _trained(size, seed, place)
    phi = torch_function(output_factor(ALPHA, FACTOR, 1), (ALPHA, FACTOR))
    norm, copy = torch.linalg.matrix_norm(trained.Y), rescaled(trained.weights, m)

    def along(points: Iterable[list[Tensor]]) -> Tensor:
        return torch.stack([gaps(weights, trained.X, trained.Y, SIGMA) for weights in points], 1)

    losses = {
        "loss": along(straight(trained.weights, copy, float(a)) for a in alpha),
        "formula": norm[:, None] * (phi(alpha, m) - 1).to(norm),
        "curve": along(rescaled(trained.weights, m ** float(a)) for a in alpha),
    }
    own = {"norm": norm, "trained": trained.loss, "steps": trained.steps, "rounding": rounding(trained)}
    return xr.Dataset(
        {name: (("network", "alpha"), values.cpu().numpy()) for name, values in losses.items()}
        | {name: ("network", values.cpu().numpy()) for name, values in own.items()}
    )


# All factors have the same networks, trained once in each process that computes a factor.
_trained = lru_cache(maxsize=1)(train)


def _times(size: Size) -> Tensor:
    return torch.linspace(0, 1, size.parts + 1, dtype=torch.float64)


def rounding(trained: Trained) -> Tensor:
    """Return (n,): a bound on what rounding does to the output, in the Frobenius norm.

    Sums of as many terms as a layer has inputs, and four more roundings for each layer's weights and activation, all
    relative to the network of absolute values (slopes are at most 1).
    """
    roundings = sum(width + 4 for width in WIDTHS[:-1])
    sizes = output([W.abs() for W in trained.weights], trained.X.abs(), SIGMA)
    bound: Tensor = roundings * torch.finfo(sizes.dtype).eps * torch.linalg.matrix_norm(sizes)
    return bound


def _seed(seed: int, network: int) -> int:
    return int(np.random.SeedSequence([seed, 4, network]).generate_state(1, np.uint64)[0] >> 1)
