"""Random last two layers on random features, with what rounding may do to their output: for sections 5.2 and 5.3.

The features are those of a network of two layers with tanh, which has no rescaling symmetry: f in eq. (3) is arbitrary.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy
import torch
from torch import Tensor

from quadrics.activation import Activation, leaky_relu, relu_power

from ...bridge import TorchFunction, torch_function
from ...experiments.zhao.rescaled_copies import output
from ..sampling import EPS

ACTIVATIONS: tuple[Activation, ...] = (
    Activation(1, sympy.Rational(1, 3), sympy.Rational(1, 2)),
    leaky_relu(sympy.Rational(1, 10)),
    relu_power(2),
    Activation(2, -1, 3),
)
STEEPEST = 2
"""No slope of these is larger."""


@lru_cache(maxsize=16)
def on_tensors(activation: Activation) -> TorchFunction:
    """The activation as a function of tensors, through the bridge."""
    z = sympy.Symbol("z", real=True)
    return torch_function(activation(z), z)


@dataclass(frozen=True)
class Pairs:
    """n pairs (W_{l-1}, W_l), their features (n, h_0, N), and their activation."""

    weights: list[Tensor]
    features: Tensor
    activation: Activation

    @property
    def degree(self) -> Any:
        """The degree of homogeneity."""
        return self.activation.degree

    def output(self, weights: Sequence[Tensor] | None = None) -> Tensor:
        """Return (n, e, N)."""
        return output(self.weights if weights is None else weights, self.features, on_tensors(self.activation))

    def rounding(self, weights: Sequence[Tensor] | None = None, ends: Sequence[Sequence[Tensor]] = ()) -> Tensor:
        """Return (n,): a bound on what rounding does to the output at these weights, in the Frobenius norm.

        The weights themselves are off by 4 eps of their size, or of the larger of the two ``ends`` that they are mixed
        of. With the roundings of its own sum a pre-activation is off by δ = (h_0 + 4) eps r + 4 eps s, where r and s
        add up the sizes of its terms. A power of degree k >= 1 turns that into k (r + δ)^(k-1) δ, one of degree k < 1
        into δ^k at most. The second sum adds h + 16 roundings, and what its own weights are off by.
        """
        below, last = self.weights if weights is None else weights
        k, size = float(self.degree), self.features.abs()
        sizes = [torch.stack([W.abs() for W in group]).amax(0) for group in zip((below, last), *ends, strict=True)]
        reach = below.abs() @ size
        off = (self.features.shape[1] + 4) * EPS * reach + 4 * EPS * sizes[0] @ size
        moved = STEEPEST * (k * (reach + off) ** (k - 1) * off if k >= 1 else off**k)
        hidden = STEEPEST * reach**k
        errors = last.abs() @ (moved + (below.shape[1] + 16) * EPS * hidden) + 4 * EPS * sizes[1] @ (hidden + moved)
        bound: Tensor = torch.linalg.matrix_norm(errors)
        return bound

    def repeated(self, times: int) -> Pairs:
        """Return each pair so many times, one copy after another."""
        weights = [W.repeat_interleave(times, 0) for W in self.weights]
        return Pairs(weights, self.features.repeat_interleave(times, 0), self.activation)


def largest(values: Tensor) -> float:
    """Return the largest of the values, infinity if one of them is NaN: no comparison with a bound may hide it.

    >>> largest(torch.tensor([1.0, 2.0])), largest(torch.tensor([1.0, torch.nan]))
    (2.0, inf)
    """
    return float(values.nan_to_num(nan=torch.inf).max())


def formula_rounding(alpha: float, m: float, k: float) -> float:
    """Return a bound on what rounding does to φ(α, m): its first factor is a sum of terms up to max(1, m^-k), its
    second the k-th power of one of terms up to max(1, m).

    >>> formula_rounding(0.5, 1.0, 1.0) < 20 * EPS
    True
    """
    up, down = 1 - alpha + alpha * m, 1 - alpha + alpha * m**-k
    first, second = 2 * EPS * max(1.0, m**-k) * up**k, 2 * EPS * k * down * up ** (k - 1) * max(1.0, m)
    return float(first + second + 8 * EPS * down * up**k)


def pairs(source: torch.Generator, n: int, width: int = 6, device: str = "cpu") -> Iterator[Pairs]:
    """Generate n pairs for each of the activations, of degrees 1/2, 1, 2 and 3.

    >>> [p.output().shape[0] for p in pairs(torch.Generator().manual_seed(0), 3)]
    [3, 3, 3, 3]
    """

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=source, dtype=torch.float64).to(device)

    for activation in ACTIVATIONS:
        features = normal(n, 5, 7) @ torch.tanh(normal(n, 7, 3) @ normal(n, 3, 4))
        yield Pairs([normal(n, width, 5), normal(n, 2, width)], features, activation)
