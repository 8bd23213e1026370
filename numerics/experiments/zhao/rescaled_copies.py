r"""Deep networks without biases on tensors, their rescaled copies, and the loss between the two.

A batch of n networks is a list of weights ``W_1, ..., W_l``, each (n, out, in); the data are ``X`` (n, d, N) and ``Y``
(n, e, N), a set for each network, samples in columns as in Zhao et al.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import sympy
import torch
from torch import Tensor

from quadrics.connectivity.barriers import FACTOR, between, rescale_last
from quadrics.errors import SymmetryError

from ...activation import Sigma
from ...bridge import TorchFunction, torch_function

__all__ = ["gaps", "output", "rescaled", "straight"]

Weights = Sequence[Tensor]
Function = Sigma | Callable[[Tensor], Tensor]


def output(weights: Weights, X: Tensor, sigma: Function) -> Tensor:
    """Return (n, e, N): W_l σ(... σ(W_1 X)) of each network.

    >>> one = torch.ones(1, 1, 1)
    >>> output([2 * one, 3 * one], -one, torch.relu), output([2 * one, 3 * one], one, torch.relu)
    (tensor([[[0.]]]), tensor([[[6.]]]))
    """
    value = X
    for i, W in enumerate(weights):
        value = W @ (sigma(value) if i else value)
    return value


def gaps(weights: Weights, X: Tensor, Y: Tensor, sigma: Function) -> Tensor:
    """Return (n,): the Frobenius norm of Y - W_l σ(... σ(W_1 X)), the loss without its square."""
    norms: Tensor = torch.linalg.matrix_norm(Y - output(weights, X, sigma))
    return norms


def rescaled(weights: Weights, factor: float | Tensor, degree: Any = 1) -> list[Tensor]:
    """Return the copies (..., m W_{l-1}, m^{-k} W_l); ``factor`` is a number, or (n,).

    Raises:
        SymmetryError: a factor that is not positive.

    >>> [W.item() for W in rescaled([torch.ones(1, 1, 1), torch.ones(1, 1, 1)], 4.0)]
    [4.0, 0.25]
    """
    below, last = _copy(sympy.sympify(degree))
    m = torch.as_tensor(factor, dtype=weights[-1].dtype, device=weights[-1].device).reshape(-1, 1, 1)
    if not bool((m > 0).all()):
        raise SymmetryError(f"factor: got {float(m.min())}; expected positive factors: others change the function")
    return [*weights[:-2], below(weights[-2], m), last(weights[-1], m)]


def straight(start: Weights, end: Weights, alpha: float | Tensor) -> list[Tensor]:
    """Return (1-α) start + α end, layer by layer; ``alpha`` is a number, or (n,).

    >>> [W.item() for W in straight([torch.zeros(1, 1, 1)], [torch.ones(1, 1, 1)], 0.25)]
    [0.25]
    """
    a = torch.as_tensor(alpha, dtype=start[-1].dtype, device=start[-1].device).reshape(-1, 1, 1)
    mix = _mix()
    return [V if V is W else mix(V, W, a) for V, W in zip(start, end, strict=True)]


@lru_cache(maxsize=16)
def _copy(degree: Any) -> tuple[TorchFunction, TorchFunction]:
    """What the rescaling does to a weight of the last two layers, from the exact action."""
    u, v = sympy.symbols("u v", real=True)
    moved = rescale_last([sympy.Matrix([[u]]), sympy.Matrix([[v]])], FACTOR, degree)
    return torch_function(moved[0][0], (u, FACTOR)), torch_function(moved[1][0], (v, FACTOR))


@lru_cache(maxsize=1)
def _mix() -> TorchFunction:
    u, v, a = sympy.symbols("u v a", real=True)
    (mixed,) = between([sympy.Matrix([[u]])], [sympy.Matrix([[v]])], a)
    return torch_function(mixed[0], (u, v, a))
