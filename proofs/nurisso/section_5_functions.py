"""Section 5: every invariant set realizes every function of the network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import sympy as sp

from quadrics.activation import Activation, absolute_value
from quadrics.errors import RescalingError
from quadrics.forms import imbalance
from quadrics.network import Neuron, Parameters, TwoLayer
from quadrics.rescaling import rescale_to

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..rules import substitute


def _null_neuron(c: Any, d: int, e: int, bias: bool) -> Neuron:
    """A neuron of Q(c) that computes 0: w = 0 for c < 0, a = 0 for c > 0, both for c = 0."""
    w = (sp.sqrt(c), *[0] * (d - 1)) if c.is_positive else (0,) * d
    a = (sp.sqrt(-c), *[0] * (e - 1)) if c.is_negative else (0,) * e
    return Neuron(w, a, 0 if bias else None)


Realize = Callable[[Parameters, Sequence[Any]], Parameters]


def _realize(theta: Parameters, c: Sequence[Any]) -> Parameters:
    """A network of H(c) with the function of θ: working neurons are rescaled, null ones replaced."""
    neurons = []
    for neuron, target in zip(theta.neurons(), c, strict=True):
        if neuron.input_square != 0 and neuron.output_square != 0:
            neurons.append(rescale_to(Parameters.from_neurons([neuron]), [target]).neuron(0))
        else:
            neurons.append(_null_neuron(sp.sympify(target), theta.d_in, theta.d_out, theta.has_bias))
    return Parameters.from_neurons(neurons, theta.b2)


def _realizes_all(realize: Realize, context: Context) -> Outcome:
    """All neuron types (N, I, O, Z) and all signs of c: on H(c), and the same function."""
    cases = 0
    types = ((True, True), (False, True), (True, False), (False, False))
    # |w|² = |a|² = 25, so that c = 0, ±375/4 are reached by the rational α = 1, 2, 1/2.
    level = sp.Rational(375, 4)
    for w, a, b, width in (((3, 4), (5,), None, 2), ((5,), (3, 4), None, 1), ((3,), (5,), 4, 1)):
        d, e, bias = len(w), len(a), b is not None
        net = TwoLayer(d, width, e, absolute_value, bias)
        inputs = sp.Matrix(d, 3, lambda i, n: (-1) ** n * (2 * i + n + 1))
        for kinds in product(types, repeat=width):
            neurons = [
                Neuron(
                    tuple(v * has_w for v in w), tuple(v * has_a * (-1) ** k for v in a), b if b is None else b * has_w
                )
                for k, (has_w, has_a) in enumerate(kinds)
            ]
            theta = Parameters.from_neurons(neurons, [0] * e if bias else None)
            for c in product((-level, 0, level), repeat=width):
                cases += 1
                try:
                    moved = realize(theta, [sp.sympify(v) for v in c])
                except RescalingError as error:
                    return decided(False, c=c, types=kinds, error=str(error))
                on_it = all(sp.expand(q - v) == 0 for q, v in zip(imbalance(moved), c, strict=True))
                change = net.output(inputs, moved) - net.output(inputs, theta)
                if not on_it or any(sp.expand(v) != 0 for v in change):
                    return decided(False, c=c, types=kinds)
    return decided(True, cases=cases)


def _null_neurons_exist() -> list[Step]:
    p, n, z = sp.Symbol("c", positive=True), sp.Symbol("c", negative=True), sp.Symbol("z", real=True)
    w, a = sp.symbols("w a", real=True)
    sigma = Activation(sp.Symbol("alpha", real=True), sp.Symbol("beta", real=True))
    return [
        step(substitute({w: sp.sqrt(p), a: 0}), w**2 - a**2, p, "c > 0: |w| = √c, a = 0 lies in Q(c)"),
        step(substitute({a: 0}), a * sigma(z), sp.Integer(0), "and computes 0"),
        step(substitute({w: 0, a: sp.sqrt(-n)}), w**2 - a**2, n, "c < 0: w = 0, |a| = √(-c) lies in Q(c)"),
        step(substitute({z: 0}), a * sigma(z), sp.Integer(0), "and computes 0, as w·x = 0; c = 0: the zero neuron"),
    ]


CLAIMS = (
    Claim(
        "nurisso.sec5.all-functions",
        Kind.THEOREM,
        "Every invariant set realizes all functions of the network",
        Source("nurisso", "Remark before Proposition 4", "5"),
        r"For every $c$ and $\theta$ there is $\theta'\in\mathcal{H}(c)$ with $f(\cdot;\theta')=f(\cdot;\theta)$: "
        r"rescale the neurons with $w,a\neq0$, and replace each of the others, which compute 0, by one of "
        r"$\mathcal{Q}(c_k)$ that computes 0. (Rescaling alone does not do it.)",
        uses=("nurisso.prop4", "nurisso.homog"),
        evidence=[
            Derivation("every quadric contains a neuron that computes 0", _null_neurons_exist),
            enumeration(
                "all neuron types (in pairs for d = 2, e = 1) and all signs of c, exactly",
                lambda: _realize,
                _realizes_all,
                [Control("rescaling alone", lambda _: rescale_to)],
            ),
        ],
    ),
)
