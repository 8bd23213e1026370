"""Beyond section 5: which functions a component expresses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from typing import Any

import sympy as sp

from quadrics.activation import Activation, absolute_value, linear
from quadrics.function_classes import function_class_count, slope_sign_sets
from quadrics.network import Parameters, TwoLayer
from quadrics.type_patterns import TypePatterns

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, decided
from ..neuron_counts import count
from ..nurisso.effective_instances import generic_network, plane_directions
from ..rules import entails, equal
from .nurisso_reach import every_layer

Formula = Callable[..., Any]


def _jump(sigma: Activation, factor: Any) -> Any:
    """The jump of d/dz σ(t z) across z = 0, for a factor t of known sign."""
    right, left = sp.Symbol("z_+", positive=True), sp.Symbol("z_-", negative=True)
    return sp.diff(sigma(factor * right), right) - sp.diff(sigma(factor * left), left)


def _kinks() -> list[Step]:
    alpha, beta = sp.symbols("alpha beta", real=True)
    t, u = sp.Symbol("t", positive=True), sp.Symbol("u", negative=True)
    p, q, n, m = (count(name) for name in ("p", "p'", "l_-", "m"))
    sigma = Activation(alpha, beta)
    return [
        step(
            equal,
            _jump(sigma, t),
            t * (alpha - beta),
            "across its hyperplane the slope of σ(t u·x) jumps by |t|(α - β)",
        ),
        step(equal, _jump(sigma, u), -u * (alpha - beta), "whichever side the neuron looks to"),
        argued("the jump of a network across a hyperplane is the sum over its neurons there: α - β times their mass"),
        argued("points of F_p can have p + m positive masses on different hyperplanes, or l_- - p + m negative ones"),
        step(
            entails,
            sp.And(p + m <= q + m, n - p + m <= n - q + m),
            sp.Eq(p, q),
            "each needs a neuron of its sign: F_p in F_p' gives p ≤ p' and l_- - p ≤ l_- - p'",
            mutants=[sp.Eq(p, q + 1)],
        ),
    ]


def _jumps(theta: Parameters, directions: Sequence[tuple[int, int]]) -> list[Any]:
    """The jumps of the ReLU network's gradient along u across each hyperplane u·x = 0, exactly, from values of f."""
    net = TwoLayer(2, theta.width)
    found = []
    for u in directions:
        on = sp.Matrix([-u[1], u[0]])  # a point of the hyperplane, off all the others
        step_ = sp.Matrix(u) / 10**3
        there, back, here = (net.output(point, theta)[0] for point in (on + step_, on - step_, on))
        found.append((there + back - 2 * here) * 10**3 / (u[0] ** 2 + u[1] ** 2))
    return found


def _classes_by_kinks(number: Formula, context: Context) -> Outcome:
    """The most positive and the most negative kinks that functions of a component have, measured on generic points."""
    layers = 0
    most = context.pick(quick=4, full=6)
    for n, m in product(range(most + 1), range(3)):
        if not 1 <= n + m <= most:
            continue
        classes = set()
        for p in range(n + 1):
            extreme = []
            for free in (m, 0):
                theta = generic_network(p + free, n - p + m - free, flip=2)
                jumps = _jumps(theta, plane_directions(n + m))
                extreme.append((sum(bool(j > 0) for j in jumps), sum(bool(j < 0) for j in jumps)))
            if extreme != [(p + m, n - p), (p, n - p + m)]:
                return decided(False, l_minus=n, free=m, p=p, kinks=extreme)
            classes.add((extreme[0][0], extreme[1][1]))
        layers += 1
        if len(classes) != number(2, 1, m, n):
            return decided(False, l_minus=n, free=m, classes=len(classes))
    return decided(True, layers=layers)


def _line(number: Formula, context: Context) -> Outcome:
    """d = e = 1: the signs of the slopes in f = X σ(x) + Y σ(-x), for every type pattern with masses of two sizes."""
    layers = 0
    for c in every_layer(context, 3, 4):
        found = context.once(("slopes", c), partial(_slope_sets, c))
        counts = (c.count(1), c.count(-1), c.count(0))
        layers += 1
        if found != set(slope_sign_sets(1, *counts)) or len(found) != number(1, 1, *counts):
            return decided(False, c=c, classes=len(found))
    most = max(number(1, 1, plus, minus) for plus, minus in product(range(8), repeat=2) if plus + minus)
    return decided(most == 5, layers=layers, most=most)


def _slope_sets(c: tuple[int, ...]) -> set[frozenset[tuple[int, int]]]:
    H = TypePatterns(c, 1, 1)
    found: dict[tuple[int, ...], set[tuple[int, int]]] = {s: set() for s in H.components()}
    for pattern in H.patterns():
        for masses in product((1, 2 ** len(c)), repeat=len(c)):
            X, Y = (sum(m * t.a for m, t in zip(masses, pattern, strict=True) if t.w == side) for side in (1, -1))
            found[H.component_of(pattern)].add(((X > 0) - (X < 0), (Y > 0) - (Y < 0)))
    return set(map(frozenset, found.values()))


def _linear_networks(number: Formula, context: Context) -> Outcome:
    """σ(z) = z, d = 2, l_- = 1: components a > 0 and a < 0 of Q(-1) express the same functions, by w -> -w, a -> -a."""
    net = TwoLayer(2, 1, activation=linear)
    theta = net.symbols()
    turned = Parameters(-theta.W1, -theta.W2)
    x = sp.Matrix(sp.symbols("x1 x2", real=True))
    same = sp.expand(net.output(x, theta)[0] - net.output(x, turned)[0]) == 0
    return decided(same and number(2, 1, 0, 1, activation=linear) == 1)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.nurisso.function-classes",
        Kind.THEOREM,
        "The functions that a component expresses",
        Source("beyond", "on Corollary 3"),
        r"Let $F(C) = \{f(\cdot;\theta) : \theta \in C\}$. For $e = 1$, $\alpha \neq \beta$, $d > 1$ (or biases), "
        r"$F(C_s)$ depends on $p(s)$ alone, and of two of them none contains the other: there are exactly $1 + l_-$ "
        r"function classes for every $l - l_-$. For $\alpha = \beta$ there is one. For $d = e = 1$ without biases "
        r"there are at most 5.",
        relation=lambda: function_class_count(2, 1, sp.Symbol("m"), sp.Symbol("l_-", integer=True)),
        hypotheses=("homogeneous activation", "d > 1 or biases, unless said otherwise"),
        uses=("nurisso.prop3", "nurisso.homog", "nurisso.prop2"),
        evidence=(
            Derivation("kinks count the signs", _kinks),
            enumeration(
                "exact jumps of the gradients of generic networks across their hyperplanes, widths up to 4 (quick) or "
                "6 (full), at most two free neurons",
                lambda: function_class_count,
                _classes_by_kinks,
                [
                    Control("one class more", lambda number: lambda *n: number(*n) + 1),
                    Control("1 + l", lambda number: lambda d, e, m, n: 1 + n + m),
                    Control("one class", lambda number: lambda *n: 1),
                ],
            ),
            enumeration(
                "d = e = 1: the signs of both slopes for every type pattern, every c up to order, widths up to 3 "
                "(quick) or 4 (full)",
                lambda: function_class_count,
                _line,
                [
                    Control("as in the plane", lambda number: lambda d, e, *n: number(2, e, *n)),
                    Control("one class more", lambda number: lambda *n: number(*n) + 1),
                ],
            ),
            enumeration(
                "a linear neuron with c = -1, symbolic weights",
                lambda: function_class_count,
                _linear_networks,
                [Control("as for ReLU", lambda number: lambda *n, activation: number(*n, activation=absolute_value))],
            ),
        ),
    ),
)
