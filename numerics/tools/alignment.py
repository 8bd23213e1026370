r"""Align one network to another: the best of the copies of it that permutations, rescalings and reflections make.

Weights of two networks can only be compared after the symmetries are out of the way. A permutation of hidden neurons
is chosen by linear assignment: it maximizes the sum of the inner products of matched neurons, and with it minimizes
the distance (the weight matching of Ainsworth et al., 2023; for one hidden layer it is the global optimum). Where the
activation is homogeneous, neurons are compared at their *balanced* representatives (imbalance 0, the shortest on their
orbits); where it is odd, even, or sigmoid with an output bias, each pair of neurons up to reflection
(:mod:`quadrics.neuron_symmetries`).

The first network stays as it is; each neuron of the second takes its partner's scale. A factor that is a power of two
up to its own rounding is taken to be one: multiplying by it rounds nothing. As a rescaling is linear, the
straight segment between the two then computes the same functions as that between the balanced representatives.

Neurons that compute nothing (a = 0, or w = 0 where σ(0) = 0) have the balanced representative 0. In the second network
such a neuron takes its partner's incoming weights, with a = 0; if the partner computes nothing either, it becomes its
copy. Networks of different widths are padded by such neurons.

>>> A = Layers(torch.tensor([[1.0, 2.0], [3.0, -1.0]]), torch.tensor([[1.0, -2.0]]), None, None)
>>> B = Layers(torch.tensor([[6.0, -2.0], [0.5, 1.0]]), torch.tensor([[-1.0, 2.0]]), None, None)
>>> found = align(A, B, relu)
>>> found.permutation, found.factors.round(12).tolist(), found.second.W1.numpy().round(12).tolist()
((1, 0), [2.0, 0.5], [[1.0, 2.0], [3.0, -1.0]])

A permutation alone does not do it:

>>> align(A, B, relu, Group.PERMUTATIONS).second.W1.tolist()
[[0.5, 1.0], [6.0, -2.0]]
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
import sympy
import torch
from scipy.optimize import linear_sum_assignment

from quadrics.activation import relu
from quadrics.errors import DimensionError, NonFiniteError, ShapeError
from quadrics.network import Neuron
from quadrics.neuron_symmetries import FACTOR, TIME, Reflection, balancing_factor, reflection, rescaled_neuron

from ..activation import AnyActivation, Sigma, sigma_of
from ..bridge import TorchFunction, torch_function
from ..modules import Layers
from .groups import neuron_rows

__all__ = ["MAX_NEURONS", "Alignment", "Group", "align", "check_comparable"]

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

MAX_NEURONS = 2**12
"""Assignment takes seconds at this width, and time with the cube of it."""


class Group(StrEnum):
    """Which symmetries may be used."""

    PERMUTATIONS = "permutations"
    ALL = "all of the activation"


@dataclass(frozen=True, eq=False)
class Alignment:
    """The second network, moved as close to the first as its symmetries allow. All tensors are in double precision.

    Attributes:
        first: the first network; unchanged, but for neurons that compute nothing where the second is wider.
        second: the second one, aligned: the same function as before, up to rounding.
        moved: the second one, its neurons only permuted and reflected (and padded by zeros): where the curve ends.
        permutation: neuron k of ``second`` was this one of the file; numbers beyond its width are padding.
        factors: (l,) what its incoming weights were multiplied by; 1 where nothing was.
        reflected: (l,) whether it was reflected.
        idle: (l,) whether it computes nothing, so that it was replaced.
    """

    first: Layers
    second: Layers
    moved: Layers
    permutation: tuple[int, ...]
    factors: Array
    reflected: Mask
    idle: Mask
    degree: float

    @property
    def width(self) -> int:
        """The larger of the two widths."""
        return len(self.permutation)

    @property
    def is_rescaled(self) -> bool:
        """Whether any neuron was."""
        return bool((self.factors != 1).any())

    def curve(self, t: float) -> Layers:
        r"""Return the point (m^{-t} w, m^{kt} a) at time t in [0, 1] of the curve from ``second`` to ``moved``.

        The whole curve is one function. Neurons that compute nothing go through 0 to what they were.

        Raises:
            DimensionError: t is outside [0, 1].
        """
        if not 0 <= t <= 1:
            raise DimensionError(f"t: got {t}; expected a number between 0 and 1")
        (start_in, start_out), (end_in, end_out) = _rows(self.second), _rows(self.moved)
        live = ~self.idle
        incoming, outgoing = end_in.copy(), end_out.copy()
        into, out = _curve(sympy.Rational(repr(self.degree)))
        m, time = torch.tensor(self.factors[live])[:, None], torch.tensor(1 - t, dtype=torch.float64)
        incoming[live] = into(torch.tensor(end_in[live]), m, time).numpy()
        outgoing[live] = out(torch.tensor(end_out[live]), m, time).numpy()
        near, far = max(1 - 2 * t, 0.0), max(2 * t - 1, 0.0)
        incoming[self.idle] = near * start_in[self.idle] + far * end_in[self.idle]
        outgoing[self.idle] = near * start_out[self.idle] + far * end_out[self.idle]
        return _layers(incoming, outgoing, self.moved)


def align(first: Layers, second: Layers, activation: AnyActivation = relu, group: Group = Group.ALL) -> Alignment:
    """Return the second network aligned to the first.

    Args:
        first, second: W1 (l, d), W2 (e, l), b1, b2 as stored; the widths l may differ.
        activation: of both.
        group: permutations alone give the plain weight matching; networks are then padded by zeros.

    Raises:
        ShapeError: they differ in inputs, outputs or biases.
        DimensionError: more than :data:`MAX_NEURONS` neurons.
        NonFiniteError: weights so large that squares, or the rescaled weights, overflow.
    """
    check_comparable(first, second)
    sigma = sigma_of(activation)
    everything = group is Group.ALL
    homogeneous = isinstance(sigma, Sigma) and everything
    degree = float(sigma.degree) if isinstance(sigma, Sigma) else 1.0
    mirror = reflection(activation) if everything else None
    if mirror is not None and mirror.shift != 0 and second.b2 is None:
        mirror = None
    n = max(first.W1.shape[0], second.W1.shape[0])
    A_in, A_out = _padded(first, n)
    B_in, B_out = _padded(second, n)
    idle_A, idle_B = (_idle(w, a, sigma.fixes_zero) for w, a in ((A_in, A_out), (B_in, B_out)))
    if not everything:
        idle_A, idle_B = np.zeros(n, bool), np.zeros(n, bool)
    scale_A, scale_B = (
        _balancing(w, a, idle, degree) if homogeneous else np.ones(n)
        for w, a, idle in ((A_in, A_out, idle_A), (B_in, B_out, idle_B))
    )
    one, other = _scaled(A_in, A_out, scale_A, degree, idle_A), _scaled(B_in, B_out, scale_B, degree, idle_B)
    order, signs = _assign(one[0] @ other[0].T, one[1] @ other[1].T, mirror)
    B_in, B_out, idle = B_in[order], B_out[order], idle_B[order]
    signs[idle] = 1
    terms = A_in.shape[1] + A_out.shape[1]
    factors = np.where(idle | idle_A, 1.0, _near_powers_of_two(scale_B[order] / scale_A, terms))
    out_sign = signs if mirror is None or mirror.sign < 0 else np.ones(n)
    shift = None
    if mirror is not None and mirror.shift != 0:
        shift = float(mirror.shift) * B_out[signs < 0].sum(0)
    moved_in, moved_out = B_in * signs[:, None], B_out * out_sign[:, None]
    new_in, new_out = moved_in * factors[:, None], moved_out * (factors**-degree)[:, None]
    both = idle & idle_A
    new_in[idle], new_out[idle] = A_in[idle], 0.0
    new_out[both] = A_out[both]
    A_in = A_in.copy()
    padding = np.arange(n) >= first.W1.shape[0]
    if everything:
        A_in[padding] = new_in[padding]
    if not (np.isfinite(new_in).all() and np.isfinite(new_out).all()):
        raise NonFiniteError("alignment: got weights that overflow when rescaled; expected neurons of similar sizes")
    return Alignment(
        _layers(A_in, A_out, first),
        _layers(new_in, new_out, second, shift),
        _layers(moved_in, moved_out, second, shift),
        tuple(order.tolist()),
        factors,
        signs < 0,
        idle,
        degree,
    )


def check_comparable(first: Layers, second: Layers) -> None:
    """Refuse networks that differ in more than their widths, or are too wide.

    Raises:
        ShapeError: different inputs, outputs or biases.
        DimensionError: more than :data:`MAX_NEURONS` neurons.
    """
    shapes = [(layers.W1.shape[1], layers.W2.shape[0]) for layers in (first, second)]
    if shapes[0] != shapes[1]:
        raise ShapeError(
            f"networks: got {shapes[0][0]} inputs and {shapes[0][1]} outputs, and {shapes[1][0]} and {shapes[1][1]}; "
            "expected the same numbers for both"
        )
    for name in ("b1", "b2"):
        if (getattr(first, name) is None) != (getattr(second, name) is None):
            raise ShapeError(
                f"{name}: got it in one network only; expected it in both or in neither (zeros will do): add it"
            )
    widest = max(first.W1.shape[0], second.W1.shape[0])
    if widest > MAX_NEURONS:
        raise DimensionError(f"neurons: got {widest}; expected at most {MAX_NEURONS}, to assign them to each other")


def _rows(layers: Layers) -> tuple[Array, Array]:
    incoming, outgoing = neuron_rows(layers)
    return np.asarray(incoming, float), np.asarray(outgoing, float)


def _padded(layers: Layers, width: int) -> tuple[Array, Array]:
    incoming, outgoing = _rows(layers)
    more = ((0, width - len(incoming)), (0, 0))
    return np.pad(incoming, more), np.pad(outgoing, more)


def _layers(incoming: Array, outgoing: Array, like: Layers, shift: Array | None = None) -> Layers:
    """The tensors of these neurons, with the biases that ``like`` has."""
    d = like.W1.shape[1]
    b2 = None if like.b2 is None else like.b2.detach().cpu().double()
    if b2 is not None and shift is not None:
        b2 = b2 + torch.tensor(shift)
    W = torch.tensor(incoming)
    b1 = None if like.b1 is None else W[:, d].contiguous()
    return Layers(W[:, :d].contiguous(), torch.tensor(outgoing.T).contiguous(), b1, b2)


def _idle(incoming: Array, outgoing: Array, fixes_zero: bool) -> Mask:
    heard = outgoing.any(1) & incoming.any(1) if fixes_zero else outgoing.any(1)
    return np.asarray(~np.asarray(heard, np.bool_), np.bool_)


def _balancing(incoming: Array, outgoing: Array, idle: Mask, degree: float) -> Array:
    """(l,) the factor that balances each neuron; 1 where none does. Lengths are computed without squares."""
    w, a = (torch.tensor(np.hypot.reduce(rows, axis=1)) for rows in (incoming, outgoing))
    keep = torch.tensor(~idle)
    found = _balancing_factor(sympy.Rational(repr(degree)))(w.where(keep, 1.0), a.where(keep, 1.0))
    return np.asarray(found.where(keep, 1.0).numpy(), float)


def _near_powers_of_two(m: Array, terms: int) -> Array:
    """The factors, those made exact that are powers of two up to their own rounding.

    Multiplying by a power of two is exact. A factor comes from four lengths of so many terms in all, each sum off by
    half a last digit a term, and from some dozen other operations.
    """
    power = np.exp2(np.round(np.log2(m)))
    return np.where(np.abs(m / power - 1) <= (2 * terms + 16) * np.finfo(float).eps, power, m)


def _scaled(incoming: Array, outgoing: Array, m: Array, degree: float, idle: Mask) -> tuple[Array, Array]:
    """The representatives that are compared; 0 for neurons that compute nothing."""
    live = np.where(idle, 0.0, 1.0)
    return incoming * (m * live)[:, None], outgoing * (m**-degree * live)[:, None]


def _assign(inner: Array, outer: Array, mirror: Reflection | None) -> tuple[Any, Array]:
    """The permutation of largest sum of inner products, each pair reflected where that is larger, and the signs."""
    score, signs = inner + outer, np.ones_like(inner)
    if mirror is not None:
        turned = -inner + mirror.sign * outer
        signs = np.where(turned > score, -1.0, 1.0)
        score = np.maximum(score, turned)
    if not np.isfinite(score).all():
        raise NonFiniteError("alignment: got weights whose products overflow; expected lengths below 1e150")
    rows, order = linear_sum_assignment(score, maximize=True)
    return order, signs[rows, order]


@lru_cache(maxsize=16)
def _balancing_factor(degree: Any) -> TorchFunction:
    w, a = sympy.symbols("w a", positive=True)
    return torch_function(balancing_factor(w, a, degree), (w, a))


@lru_cache(maxsize=16)
def _curve(degree: Any) -> tuple[TorchFunction, TorchFunction]:
    """What the rescaling does to an incoming and to an outgoing weight at time t, from the exact action."""
    u, v = sympy.symbols("u v", real=True)
    moved = rescaled_neuron(Neuron((u,), (v,)), FACTOR, degree, TIME)
    return torch_function(moved.w[0], (u, FACTOR, TIME)), torch_function(moved.a[0], (v, FACTOR, TIME))
