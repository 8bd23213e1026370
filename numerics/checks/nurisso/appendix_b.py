"""Measurements for appendices B and C: Künneth's formula and path components on samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import pi
from typing import Any

import torch
from torch import Tensor

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.invariant_set import InvariantSet
from quadrics.network import Parameters
from quadrics.paths import T
from quadrics.quadric import Quadric
from quadrics.topology import X, betti_numbers, kunneth, poincare_sphere

from ...bridge import torch_function
from ...homology import sampled_betti_numbers
from ...sampling import JITTER, Net, product_net
from ..nets import NOISE
from ..sampling import generator
from .section_4 import library_path, rational_neuron

Rule = Callable[[Any, Any], Any]


def circle(cells: int, source: torch.Generator) -> Net:
    """A net of the unit circle in the plane, one sample in each of so many arcs."""
    shift = (1 - JITTER) / 2 + JITTER * torch.rand(cells, generator=source, dtype=torch.float64)
    angle = 2 * pi / cells * (torch.arange(cells) + shift)
    return Net(torch.stack([angle.cos(), angle.sin()], 1), (1 + JITTER) * pi / cells, (1 + JITTER) * 2 * pi / cells)


def two_points() -> Net:
    """The 0-sphere in the line."""
    return Net(torch.tensor([[1.0], [-1.0]], dtype=torch.float64), 0.0, 0.0)


def _multiplies(rule: Rule, context: Context) -> Outcome:
    """Betti numbers of a sampled torus in R⁴ and of two circles in R³, by persistent homology."""
    measured = context.once(("Künneth",), lambda: _measured(context))
    spheres = {"torus": (1, 1), "two circles": (1, 0)}
    for name, (m, n) in spheres.items():
        predicted = betti_numbers(rule(poincare_sphere(m, X), poincare_sphere(n, X)))
        if predicted != measured[name]:
            return decided(False, space=name, measured=measured[name], predicted=predicted)
    return decided(True, **measured)


def _measured(context: Context) -> dict[str, list[int]]:
    source = generator(context, "appB.kunneth")
    cells = context.pick(quick=30, full=40)
    # The distance from S¹, S⁰ and their products has no critical value below 1.
    torus = product_net([circle(cells, source), circle(cells, source)]).noisy(NOISE, source)
    two = product_net([circle(cells, source), two_points()]).noisy(NOISE, source)
    return {"torus": sampled_betti_numbers(torus, 1.0), "two circles": sampled_betti_numbers(two, 1.0)}


Joined = Callable[[Quadric, Sequence[int]], bool]


def _labels_are_path_components(joined: Joined, context: Context) -> Outcome:
    """Points of Q(c), d = 2, e = 1, said to be joined: the library's path takes no jump when it is followed.

    A path with |γ'| <= L moves at most L/N between N + 1 times. On the evaluated path the steps must halve (to a
    factor of 3/4) when N doubles; a jump would not shrink.
    """
    pairs = 0
    for c in (-1, 0, 1):
        H = InvariantSet(2, 1, [c])
        for signs in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
            first, second = (
                Parameters.from_neurons([rational_neuron(c, direction)]) for direction in ((2, 1, 0), (1, 3, signs[0]))
            )
            second = Parameters(second.W1, signs[1] * second.W2)
            says = joined(H.factors()[0], [int(bool(t.W2[0] > 0)) for t in (first, second)])
            if not says:
                continue
            if H.component_of(first) != H.component_of(second):
                return decided(False, c=c, a=[str(first.W2[0]), str(second.W2[0])])
            steps = [_largest_step(library_path(H, first, second).neurons[0].weights(), n) for n in (400, 800)]
            pairs += 1
            if not steps[1] <= 0.75 * steps[0]:
                return decided(False, c=c, steps=steps)
    return decided(True, pairs=pairs)


def _largest_step(neuron: Any, n: int) -> float:
    times: Tensor = torch.linspace(0, 1, n + 1, dtype=torch.float64)
    points = torch.stack([torch_function(v, T)(times) for v in (*neuron.w, *neuron.a)], 1)
    return float(points.diff(dim=0).norm(dim=1).max())


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "nurisso.appB.kunneth": (
        measurement(
            "persistent homology of a sampled torus in R⁴ and of two circles",
            lambda: kunneth,
            _multiplies,
            [
                Control("the polynomials added", lambda rule: lambda p, q: p + q),
                Control("one factor forgotten", lambda rule: lambda p, q: p),
            ],
        ),
    ),
    "nurisso.lemma2": (
        measurement(
            "the library's paths between points of one component, followed at 400 and 800 times",
            lambda: lambda Q, signs: Q.sign >= 0 or signs[0] == signs[1],
            _labels_are_path_components,
            [Control("all points of Q(c) joined", lambda _: lambda Q, signs: True)],
        ),
    ),
}
