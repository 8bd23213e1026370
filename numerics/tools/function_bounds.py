r"""How far two networks can be apart for any input of a ball, read off their weights; and their outputs to 50 digits.

With R the largest length of an input (of (x, 1) with biases), neurons (w, a) and (w + Δw, a + Δa) of a positively
homogeneous activation of degree k with slopes at most K contribute functions that differ by at most

.. math:: K R^k \bigl( |\Delta a|\, |w + \Delta w|^k + k\, |a|\, \max(|w|, |w + \Delta w|)^{k-1} |\Delta w| \bigr) ,

and of an activation with :math:`|\sigma'| \le L` by at most
:math:`|\Delta a| (|\sigma(0)| + L R |w + \Delta w|) + |a| L R |\Delta w|`. Neurons are compared in their order.

>>> import torch
>>> from quadrics.activation import relu
>>> A, B = (Layers(torch.tensor([[w]]), torch.tensor([[2.0]]), None, None) for w in (1.0, 1.5))
>>> difference_bound(A, B, relu, radius=3.0), size_bound(A, relu, radius=3.0)
(3.0, 6.0)
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import mpmath
import numpy as np
import sympy
from torch import Tensor

from quadrics.errors import UnknownActivationError
from quadrics.expansion.activations.bounds import bounds_of
from quadrics.smooth_activation import NAMED, SmoothActivation, Z

from ..activation import AnyActivation, Sigma, sigma_of
from ..modules import Layers
from .groups import neuron_rows

__all__ = ["DIGITS", "difference_bound", "exact_outputs", "largest_exact_difference", "size_bound"]

DIGITS = 50

MOST_PRODUCTS = 2**19
"""So many products of 50 digits are made for one comparison, at least one input's."""


class _Growth(NamedTuple):
    """|σ(z)| ≤ at_zero + slope |z|^degree, and |σ'(z)| ≤ slope degree |z|^(degree - 1)."""

    slope: float
    at_zero: float
    degree: float


def difference_bound(first: Layers, second: Layers, activation: AnyActivation, radius: float) -> float:
    """Return a number that |f(x) - g(x)| exceeds for no \\|x\\| ≤ radius; the widths must agree.

    Evaluated in double precision, for exact evaluation of both functions.
    """
    growth, reach = _growth(activation), _reach(first, radius)
    (w, a), (v, b) = neuron_rows(first), neuron_rows(second)
    k = growth.degree
    before, after, moved, sent = (np.linalg.norm(rows, axis=1) for rows in (w, v, v - w, a))
    changed = np.linalg.norm(b - a, axis=1)
    terms = changed * (growth.at_zero + growth.slope * (after * reach) ** k)
    terms += sent * growth.slope * k * np.maximum(before, after) ** (k - 1) * reach**k * moved
    shift = 0.0 if first.b2 is None or second.b2 is None else float((second.b2.double() - first.b2.double()).norm())
    return math.fsum(terms) + shift


def size_bound(layers: Layers, activation: AnyActivation, radius: float) -> float:
    """Return a number that |f(x)| exceeds for no \\|x\\| ≤ radius: the sum of what the neurons may contribute."""
    growth, reach = _growth(activation), _reach(layers, radius)
    w, a = neuron_rows(layers)
    lengths = np.linalg.norm(w, axis=1) * reach
    terms = np.linalg.norm(a, axis=1) * (growth.at_zero + growth.slope * lengths**growth.degree)
    return math.fsum(terms) + (0.0 if layers.b2 is None else float(layers.b2.double().norm()))


def exact_outputs(layers: Layers, x: Tensor, activation: AnyActivation, digits: int = DIGITS) -> list[list[Any]]:
    """Return f(x) for every row of x, (N, e) numbers of so many digits: the floats are taken as what they are.

    >>> import torch
    >>> from quadrics.smooth_activation import tanh
    >>> one = Layers(torch.tensor([[0.5]]), torch.tensor([[1.0]]), None, None)
    >>> mpmath.nstr(exact_outputs(one, torch.tensor([[1.0]]), tanh, 30)[0][0], 30)
    '0.462117157260009758502318483644'
    """
    formula = activation.formula if isinstance(activation, SmoothActivation) else activation(Z)
    W1, W2, b1, b2 = (None if t is None else t.double().tolist() for t in layers)
    assert W1 is not None
    assert W2 is not None
    with mpmath.workdps(digits):
        sigma = sympy.lambdify(Z, formula, "mpmath")
        outputs = []
        for row in x.double().tolist():
            z = [mpmath.fdot(w, row) + (0 if b1 is None else b1[k]) for k, w in enumerate(W1)]
            h = [sigma(mpmath.mpf(value)) for value in z]
            outputs.append([mpmath.fdot(a, h) + (0 if b2 is None else b2[j]) for j, a in enumerate(W2)])
    return outputs


def largest_exact_difference(first: Layers, second: Layers, x: Tensor, activation: AnyActivation) -> float:
    """Return the largest |f(x) - g(x)| (Euclidean) on the first rows of x, computed to 50 digits."""
    products = sum(layers.W1.numel() + layers.W2.numel() for layers in (first, second))
    some = x[: max(1, min(16, MOST_PRODUCTS // products))]
    pairs = zip(*(exact_outputs(layers, some, activation) for layers in (first, second)), strict=True)
    with mpmath.workdps(DIGITS):
        apart = [mpmath.norm([p - q for p, q in zip(f, g, strict=True)]) for f, g in pairs]
    return float(max(apart))


def _growth(activation: AnyActivation) -> _Growth:
    sigma = sigma_of(activation)
    if isinstance(sigma, Sigma):
        return _Growth(max(abs(sigma.alpha), abs(sigma.beta)), 0.0, float(sigma.degree))
    for name, known in NAMED.items():
        if known == activation:
            bounds = bounds_of(name)
            return _Growth(float(bounds.lipschitz), float(bounds.at_zero), 1.0)
    raise UnknownActivationError(f"activation: got {activation}; expected one of {', '.join(sorted(NAMED))}")


def _reach(layers: Layers, radius: float) -> float:
    return radius if layers.b1 is None else math.hypot(radius, 1.0)
