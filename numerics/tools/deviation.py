"""How far two networks of any named activation are apart on random inputs of a ball."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import linear

from quadrics.errors import NonFiniteError
from quadrics.expansion.activations.bounds import activation_with_bounds, bounds_of
from quadrics.smooth_activation import Z

from ..bridge import torch_function
from ..modules import Layers

__all__ = ["ball", "largest_difference", "output"]

INPUTS = 1024
"""How many random inputs; fewer (at least 16) beyond 16,384 neurons or entries."""

VALUES = 2**24
"""Most hidden values or inputs held at a time."""


def output(layers: Layers, x: Tensor, activation: str) -> Tensor:
    """Return f(x) = W2 σ(W1 x + b1) + b2 at x (N, d) as (N, e), in double precision.

    >>> one = Layers(torch.tensor([[1.0]]), torch.tensor([[2.0]]), None, torch.tensor([3.0]))
    >>> output(one, torch.tensor([[0.0], [800.0]]), "softplus")
    tensor([[   4.3863],
            [1603.0000]], dtype=torch.float64)
    """
    W1, W2, b1, b2 = (None if t is None else t.double().cpu() for t in layers)
    assert W1 is not None
    assert W2 is not None
    sigma = torch_function(activation_with_bounds(activation).formula, (Z,))
    return linear(sigma(linear(x.double(), W1, b1)), W2, b2)


def ball(n: int, d: int, radius: float, generator: torch.Generator) -> Tensor:
    """Return n points (n, d) with |x| ≤ radius: half spread evenly over the ball, half over the sphere around it.

    >>> ball(100, 3, 2.0, torch.Generator().manual_seed(0)).norm(dim=1).max() <= 2.0
    tensor(True)
    """
    directions = torch.randn(n, d, generator=generator, dtype=torch.float64)
    directions = torch.nn.functional.normalize(directions, dim=1, eps=1e-300)
    lengths = torch.rand(n, 1, generator=generator, dtype=torch.float64).pow(1 / d)
    lengths[: n // 2] = 1.0
    # Rounding may have made a direction longer than 1 by a few last digits.
    return directions * lengths * radius * (1 - 8 * torch.finfo(torch.float64).eps)


def largest_difference(
    before: Layers, after: Layers, activation: str, radius: float, generator: torch.Generator
) -> tuple[float, float]:
    """Return the largest |f(x) - g(x)| that was seen on random inputs |x| ≤ radius, and what rounding may add there.

    An output is a sum of l terms a σ(w·x + b), where w·x + b is off by at most (d + 2)/2 last digits of |w||x| + |b|,
    which changes σ by at most its Lipschitz constant times that, and its formula is off by some last digits of its own
    size and its argument's. What is returned is twice that for either network.

    Raises:
        NonFiniteError: the outputs overflow.
    """
    d, width = before.W1.shape[1], max(before.W1.shape[0], after.W1.shape[0])
    x = ball(max(min(INPUTS, VALUES // max(width, d)), 16), d, radius, generator)
    apart = torch.linalg.vector_norm(output(before, x, activation) - output(after, x, activation), dim=1)
    rounding = sum(_rounding(layers, activation, radius) for layers in (before, after))
    if not math.isfinite(rounding) or not bool(apart.isfinite().all()):
        raise NonFiniteError(f"output: got an overflow for inputs of length {radius:.3g}; expected a smaller radius")
    return float(apart.max()), rounding


def _rounding(layers: Layers, activation: str, radius: float) -> float:
    bounds = bounds_of(activation)
    lipschitz, at_zero = float(bounds.lipschitz), float(bounds.at_zero)
    W1, W2, b1, b2 = (None if t is None else t.double().cpu() for t in layers)
    assert W1 is not None
    assert W2 is not None
    argument = W1.norm(dim=1) * radius + (0.0 if b1 is None else b1.abs())
    value = at_zero + lipschitz * argument
    (width, d), eps = W1.shape, torch.finfo(torch.float64).eps
    terms = W2.norm(dim=0) * (lipschitz * (d + 2) * argument + 8 * (1 + argument) + (width + 2) * value)
    return float(eps * (terms.sum() + (0.0 if b2 is None else (width + 2) * b2.norm())))
