"""A batch of deep fully connected networks of the same sizes, trained side by side: one tensor for each layer.

Two-layer networks have a :class:`~numerics.batch.Batch` with gradients of its own; these are for the experiments with
several hidden layers, where a batch is small and least squares ask for the whole Jacobian.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from quadrics.errors import DimensionError, NonFiniteError, ShapeError
from quadrics.smooth_activation import SmoothActivation

from .activation import sigma_of
from .device import pick_device

__all__ = ["DeepBatch", "LeastSquares", "glorot_uniform"]

MOST_WEIGHTS = 10**8
"""More parameters than this in one batch are a mistake."""


@dataclass(frozen=True, eq=False)
class DeepBatch:
    r"""n networks ``f(x) = W_L sigma(... sigma(W_1 x + b_1) ...) + b_L``, of the same sizes.

    Attributes:
        weights: ``W_1, ..., W_L``, each (n, out, in).
        biases: ``b_1, ..., b_L``, each (n, out).
        activation: what stands between the layers.

    Raises:
        ShapeError: shapes, dtypes or devices do not fit together.
        DimensionError: fewer than two layers, or a layer without units.
        NonFiniteError: a parameter is NaN or infinite.

    >>> from quadrics.smooth_activation import tanh
    >>> batch = glorot_uniform(5, (2, 4, 4, 4, 1), tanh, torch.Generator().manual_seed(0))
    >>> batch.n, batch.sizes, batch.flatten().shape
    (5, (2, 4, 4, 4, 1), torch.Size([5, 57]))
    >>> DeepBatch((torch.ones(1, 4, 2), torch.ones(1, 1, 3)), (torch.ones(1, 4), torch.ones(1, 1)), tanh)
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: layer 2: got weights (1, 1, 3) and biases (1, 1); expected (1, out, 4) and (1, out)
    """

    weights: tuple[Tensor, ...]
    biases: tuple[Tensor, ...]
    activation: SmoothActivation

    def __post_init__(self) -> None:
        if len(self.weights) < 2 or len(self.weights) != len(self.biases):
            raise DimensionError(
                f"layers: got {len(self.weights)} weights and {len(self.biases)} biases; expected two or more of each"
            )
        first = self.weights[0]
        n, units = (first.shape[0], first.shape[2]) if first.ndim == 3 else (0, 0)
        for i, (W, b) in enumerate(zip(self.weights, self.biases, strict=True), start=1):
            fits = W.ndim == 3 and W.shape[0] == n and W.shape[2] == units and b.shape == W.shape[:2]
            if not fits:
                raise ShapeError(
                    f"layer {i}: got weights {tuple(W.shape)} and biases {tuple(b.shape)}; "
                    f"expected ({n}, out, {units}) and ({n}, out)"
                )
            units = W.shape[1]
            if 0 in W.shape:
                raise DimensionError(f"layer {i}: got weights {tuple(W.shape)}; expected no zero among the sizes")
        kinds = {(t.dtype, t.device) for t in self.parameters}
        if len(kinds) > 1 or not first.is_floating_point():
            raise ShapeError(f"layers: got {sorted(map(str, kinds))}; expected one floating-point type on one device")
        if not all(bool(torch.isfinite(t).all()) for t in self.parameters):
            raise NonFiniteError("parameters: got NaN or infinity; expected finite numbers")

    @property
    def n(self) -> int:
        """Number of networks."""
        return self.weights[0].shape[0]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, hidden units of each layer, outputs."""
        return (self.weights[0].shape[2], *(W.shape[1] for W in self.weights))

    @property
    def parameters(self) -> tuple[Tensor, ...]:
        """``W_1, b_1, W_2, b_2, ...``, in the order of ``nn.Sequential.parameters()``."""
        return tuple(t for pair in zip(self.weights, self.biases, strict=True) for t in pair)

    def output(self, x: Tensor) -> Tensor:
        """Return (n, N, e): every network on the same inputs ``x`` (N, d).

        Raises:
            ShapeError: ``x`` is not (N, d).
        """
        if x.ndim != 2 or x.shape[1] != self.sizes[0]:
            raise ShapeError(f"x: got shape {tuple(x.shape)}; expected (N, {self.sizes[0]})")
        sigma = sigma_of(self.activation)
        h = x.to(self.weights[0]).expand(self.n, *x.shape)
        for i, (W, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            h = torch.baddbmm(b[:, None], sigma(h) if i else h, W.transpose(1, 2))
        return h

    def flatten(self) -> Tensor:
        """Return (n, p): all parameters of each network in one row."""
        return torch.cat([t.reshape(self.n, -1) for t in self.parameters], 1)

    def to(self, device: str | torch.device) -> DeepBatch:
        """Return the batch on another device.

        Raises:
            DeviceError: this machine has no such device.
        """
        place = pick_device(device)
        weights, biases = (tuple(t.to(place) for t in ts) for ts in (self.weights, self.biases))
        return DeepBatch(weights, biases, self.activation)

    def unflatten(self, rows: Tensor) -> DeepBatch:
        """Return the batch whose ``flatten()`` is ``rows`` (k, p), unchecked: for the inside of loops."""
        parts = torch.split(rows, [t[0].numel() for t in self.parameters], 1)
        shaped = [part.reshape(-1, *t.shape[1:]) for part, t in zip(parts, self.parameters, strict=True)]
        other = object.__new__(DeepBatch)
        for name, value in (("weights", tuple(shaped[::2])), ("biases", tuple(shaped[1::2]))):
            object.__setattr__(other, name, value)
        object.__setattr__(other, "activation", self.activation)
        return other


class LeastSquares:
    r"""The residuals ``(f(x_i; theta) - y_i) / sqrt(N)`` of networks with one output: their squares add up to the loss.

    Everything takes and returns flat parameters (n, p), as ``DeepBatch.flatten`` has them.

    Args:
        like: networks of the sizes and the activation that the rows stand for.
        x: (N, d) inputs.
        y: (N,) targets.

    Raises:
        ShapeError: the data do not fit the networks, or these have several outputs.

    >>> from quadrics.smooth_activation import tanh
    >>> zero = DeepBatch((torch.zeros(1, 3, 2), torch.zeros(1, 1, 3)), (torch.zeros(1, 3), torch.ones(1, 1)), tanh)
    >>> LeastSquares(zero, torch.ones(4, 2), torch.tensor([1.0, 1.0, 3.0, 3.0])).loss(zero.flatten())
    tensor([2.])
    """

    def __init__(self, like: DeepBatch, x: Tensor, y: Tensor) -> None:
        d, e = like.sizes[0], like.sizes[-1]
        if e != 1:
            raise ShapeError(f"networks: got {e} outputs; expected 1")
        if x.ndim != 2 or x.shape[1] != d or y.shape != x.shape[:1] or not len(y):
            raise ShapeError(f"data: got x {tuple(x.shape)} and y {tuple(y.shape)}; expected (N, {d}) and (N,), N > 0")
        self.like = like
        self.x, self.y = x.to(like.weights[0]), y.to(like.weights[0])

    def residual(self, rows: Tensor) -> Tensor:
        """Return (n, N)."""
        root: float = len(self.y) ** 0.5
        return (self.like.unflatten(rows).output(self.x)[..., 0] - self.y) / root

    def loss(self, rows: Tensor) -> Tensor:
        """Return (n,): the mean squared error of each network."""
        return self.residual(rows).square().sum(1)

    def jacobian(self, rows: Tensor) -> Tensor:
        """Return (n, N, p): the derivatives of the residuals, by the chain rule from the last layer to the first."""
        batch, sigma = self.like.unflatten(rows), sigma_of(self.like.activation)
        h = self.x.expand(len(rows), *self.x.shape)
        inputs, slopes = [h], []
        for W, b in zip(batch.weights[:-1], batch.biases[:-1], strict=True):
            z = torch.baddbmm(b[:, None], h, W.transpose(1, 2))
            h = sigma(z)
            inputs.append(h)
            slopes.append(sigma.derivative(z))
        delta = h.new_full((len(rows), len(self.y), 1), 1 / len(self.y) ** 0.5)
        pieces: list[Tensor] = []
        for i in reversed(range(len(batch.weights))):
            pieces[:0] = [(delta[..., :, None] * inputs[i][..., None, :]).flatten(2), delta]
            if i:
                delta = torch.bmm(delta, batch.weights[i]) * slopes[i - 1]
        return torch.cat(pieces, 2)

    def gradient(self, rows: Tensor) -> Tensor:
        """Return (n, p): the gradient of each network's loss."""
        leaf = rows.detach().requires_grad_(True)
        with torch.enable_grad():
            found: Tensor = torch.autograd.grad(self.loss(leaf).sum(), leaf)[0]
        return found

    def adam(self, rows: Tensor, steps: int, h: float = 1e-3) -> Tensor:
        """Return the rows after so many steps of Adam: elementwise, so that the networks do not see each other.

        Raises:
            DimensionError: a negative number of steps.
        """
        if steps < 0:
            raise DimensionError(f"steps: got {steps}; expected at least 0")
        leaf = rows.detach().clone()
        optimizer = torch.optim.Adam([leaf], lr=h)
        for _ in range(steps):
            leaf.grad = self.gradient(leaf)
            optimizer.step()
        return leaf


def glorot_uniform(
    n: int,
    sizes: Sequence[int],
    activation: SmoothActivation,
    generator: torch.Generator,
    dtype: torch.dtype = torch.float64,
) -> DeepBatch:
    """Return n networks with weights uniform within ``sqrt(6 / (in + out))`` (Glorot and Bengio, 2010), biases zero.

    Raises:
        DimensionError: sizes that are no positive integers, fewer than three of them, or more than 10^8 parameters.

    >>> from quadrics.smooth_activation import tanh
    >>> batch = glorot_uniform(2, (2, 4, 1), tanh, torch.Generator().manual_seed(0))
    >>> bool((batch.weights[0].abs() <= 1).all()), bool((batch.biases[0] == 0).all())
    (True, True)
    >>> glorot_uniform(2, (2, 0, 1), tanh, torch.Generator())
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: sizes: got n = 2 and (2, 0, 1); expected positive integers, a hidden layer or more
    """
    counts = (n, *sizes)
    whole = all(isinstance(k, int) and not isinstance(k, bool) and k > 0 for k in counts)
    if not whole or len(sizes) < 3:
        raise DimensionError(
            f"sizes: got n = {n} and {tuple(sizes)}; expected positive integers, a hidden layer or more"
        )
    if n * sum(a * b for a, b in pairwise(sizes)) > MOST_WEIGHTS:
        raise DimensionError(f"sizes: got n = {n} and {tuple(sizes)}; expected at most {MOST_WEIGHTS} weights")
    weights, biases = [], []
    for fan_in, fan_out in pairwise(sizes):
        bound = (6 / (fan_in + fan_out)) ** 0.5
        drawn = torch.rand(n, fan_out, fan_in, generator=generator, dtype=dtype, device=generator.device)
        weights.append((2 * drawn - 1) * bound)
        biases.append(drawn.new_zeros(n, fan_out))
    return DeepBatch(tuple(weights), tuple(biases), activation)
