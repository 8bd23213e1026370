"""Decisions for section 5.2: exact networks, their rescaled and permuted copies, and the losses between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

import sympy as sp

from quadrics.activation import Activation, leaky_relu, relu, relu_power
from quadrics.connectivity.barriers import barrier, between, loss, loss_between, output, rescale_last
from quadrics.connectivity.chords import chord_error, scalar_barrier
from quadrics.connectivity.permuted_barriers import (
    has_silent_permutation,
    leading_coefficient,
    middle_output,
    permuted_copy,
    smallest_barrier,
)
from quadrics.symmetry import permutation_matrix

from ..check import Context
from ..evidence import Outcome, decided

HALF = sp.Rational(1, 2)
TENTH = sp.Rational(1, 10)
BOUND = 100
FIGURE_2 = {2: sp.Rational(1, 8), 5: sp.Rational(4, 5), 10: sp.Rational(81, 40), 100: sp.Rational(9801, 400)}
"""The highest loss on the segment from (1, 1) to (m, 1/m), for Y = 1."""


# -- eq. (3) ----------------------------------------------------------------------------------------------------------
def homogeneous_for(factors: Callable[[Any], bool], context: Context) -> Outcome:
    """Leaky ReLU: σ(cz) = cσ(z) for all factors c that the statement admits, of seven."""
    sigma = leaky_relu(TENTH)
    for c in (-3, -1, -HALF, 0, HALF, 1, 4):
        for z in (-2, -1, 0, 1, 5):
            if factors(c) and sigma(c * z) != c * sigma(z):
                return decided(False, c=str(c), z=z)
    return decided(True)


# -- Proposition 5.3 --------------------------------------------------------------------------------------------------
Network = tuple[Sequence[Any], Any, Activation]


def networks() -> list[Network]:
    """Deep networks with integer weights: homogeneous activations of degree 1, 2 and 3."""
    X = sp.Matrix([[1, -1, 2], [0, 3, 1]])
    three = [sp.Matrix([[1, 2], [-1, 1], [0, 1]]), sp.Matrix([[2, 0, 1], [-1, 1, 1]]), sp.Matrix([[1, -2], [3, 1]])]
    two = [sp.Matrix([[1, 2], [-1, 1], [0, 1]]), sp.Matrix([[1, -2, 5]])]
    return [
        (three, X, leaky_relu(TENTH)),
        (two, X, relu),
        (two, X, relu_power(2)),
        (three, X, Activation(2, -1, 3)),
    ]


Curve = Callable[[Sequence[Any], Any, Any, Any], Any]


def stays_at_zero(curve: Curve, context: Context) -> Outcome:
    """Exact outputs at five times on the curve from W to 16·W; a half power of 16 is rational."""
    for weights, X, activation in networks():
        Y = output(weights, X, activation)
        for t in (0, sp.Rational(1, 4), HALF, sp.Rational(3, 4), 1):
            value = loss(curve(weights, t, 16, activation.degree), X, Y, activation)
            if value != 0:
                return decided(False, t=str(t), loss=str(value))
    return decided(True)


def segment(weights: Sequence[Any], t: Any, factor: Any, degree: Any) -> Any:
    """The curve that the proof prints: the straight segment."""
    return between(weights, rescale_last(weights, factor, degree), t)


Height = Callable[[Any, Any, Any, Any], Any]


def loss_is(height: Height, context: Context) -> Outcome:
    """The exact loss of the networks at points of the segment, against the formula in α, m, k and ‖Y‖."""
    for weights, X, activation in networks():
        Y = output(weights, X, activation)
        N, k = sp.sqrt(sum(y**2 for y in Y)), activation.degree
        for m in (HALF, 3):
            for a in (sp.Rational(1, 3), HALF, sp.Rational(4, 5)):
                found = loss(segment(weights, a, m, k), X, Y, activation)
                if found != height(a, m, k, N):
                    return decided(False, alpha=str(a), m=str(m), k=str(k), loss=str(found))
    return decided(True)


Chosen = Callable[[Any, Any, Any], Any]


def exceeds(b: Any, norm: Any, degree: Any) -> Callable[[Chosen, Context], Outcome]:
    """Whether the chosen m makes the loss at α = 1/2 larger than b, exactly."""

    def decide(chosen: Chosen, context: Context) -> Outcome:
        value = loss_between(HALF, chosen(b, norm, degree), degree, norm)
        return decided(bool(value > b), loss_over_b=str(sp.N(value / b, 4)))

    return decide


def factor_of(power: Callable[[Any], Any], size: Callable[[Any], Any]) -> Chosen:
    """(2^{k+1}(√b/size(N) + 1) - 1)^{power(k)}, the m of eq. (16) with some exponent and some norm."""
    return lambda b, N, k: (2 ** (k + 1) * (sp.sqrt(b) / size(N) + 1) - 1) ** power(k)


def printed_exponent() -> Chosen:
    """The print's exponent k, with the norm that is right."""
    return factor_of(lambda k: k, lambda N: N)


def printed_norm() -> Chosen:
    """The print's ‖Y‖², with the exponent that is right."""
    return factor_of(lambda k: -1 / sp.sympify(k), lambda N: N**2)


def right(chosen: Chosen) -> Chosen:
    """The exponent -1/k and ‖Y‖."""
    return factor_of(lambda k: -1 / sp.sympify(k), lambda N: N)


# -- Proposition 5.4 --------------------------------------------------------------------------------------------------
Last = tuple[Any, Any, Activation]


def last_layers() -> list[Last]:
    """Outgoing weights and pre-activations of 2 to 4 neurons, no V P σ(Z) zero; degrees 1, 2 and 3."""
    return [
        (sp.Matrix([[1, 2]]), sp.Matrix([[1], [1]]), relu),
        (sp.Matrix([[1, -3], [2, 1]]), sp.Matrix([[1, -1], [2, 5]]), leaky_relu(TENTH)),
        (sp.Matrix([[1, 2, -4]]), sp.Matrix([[1, 3], [2, -1], [1, 1]]), relu_power(2)),
        (sp.Matrix([[1, -2, 5, 3]]), sp.Matrix([[1], [3], [-2], [4]]), Activation(1, -2, 3)),
    ]


Factor = Callable[[Any], Any]


def no_permutation_helps(factor: Factor, context: Context) -> Outcome:
    """For each example some m in 1, 10, ..., 10^6 gives a loss above 100 at the middle, for every permutation."""
    for V, Z, activation in last_layers():
        if has_silent_permutation(V, Z, activation):
            return decided(None, silent=str(V))
        if not any(smallest_barrier(V, Z, activation, HALF, factor(10**j)) > BOUND for j in range(7)):
            return decided(False, V=str(V.tolist()))
    return decided(True)


Coefficient = Callable[[Last, Sequence[int]], Any]


def grows_like(coefficient: Coefficient, context: Context) -> Outcome:
    """Positive pre-activations: m^{2k} times the loss is a polynomial in m; its leading coefficient, for all P."""
    m = sp.Symbol("m", positive=True)
    for k, V in ((1, sp.Matrix([[1, -2, 5]])), (2, sp.Matrix([[2, 1, 3], [0, 1, -1]]))):
        last = V, sp.Matrix([[1], [3], [2]]), relu_power(k)
        for p in permutations(range(3)):
            other, below = permuted_copy(V, last[1], m, p, k)
            middle = (V + other) / 2 * ((last[1] + below) / 2).applyfunc(last[2])
            missed = V * last[1].applyfunc(last[2]) - middle
            polynomial = sp.Poly(sp.expand(m ** (2 * k) * sum(y**2 for y in missed)), m)
            if polynomial.degree() != 4 * k or polynomial.LC() != coefficient(last, p):
                return decided(False, k=k, permutation=p, found=str(polynomial.LC()))
    return decided(True)


def coefficient(last: Last, p: Sequence[int]) -> Any:
    return leading_coefficient(*last, p)


def middle_is(prefix: Callable[[int], Any], context: Context) -> Outcome:
    """Exact outputs at the middle, k = 1 and 2, against prefix · V (I + m^{-k} P) σ((I + m P⁻¹) Z)."""
    V, Z, P, m = sp.Matrix([[1, 2]]), sp.Matrix([[1], [3]]), permutation_matrix([1, 0]), 4
    for k in (1, 2):
        sigma = relu_power(k)
        other, below = permuted_copy(V, Z, m, P, k)
        found = (V + other) / 2 * ((Z + below) / 2).applyfunc(sigma)
        hidden = ((sp.eye(2) + m * P.T) * Z).applyfunc(sigma)
        if found != prefix(k) * 2 ** (k + 1) * middle_output(V, hidden, P, m, k):
            return decided(False, k=k)
    return decided(True)


def last_line(relation: Callable[[Any, Any, Any], bool], context: Context) -> Outcome:
    """k = 1, m = 10^4: the loss at the middle and what eq. (21) puts in its place, ‖3Y/4 - m V P⁻¹ σ(Z)/4‖²."""
    V, Z, P, m = sp.Matrix([[1, 2]]), sp.Matrix([[1], [3]]), permutation_matrix([1, 0]), 10**4
    Y, far = (V * Z)[0], (V * P.T * Z)[0]
    found = smallest_of(V, Z, m, [1, 0])
    return decided(relation(found, (3 * Y / 4 - m * far / 4) ** 2, m), loss=str(found))


def smallest_of(V: Any, Z: Any, m: Any, p: Sequence[int]) -> Any:
    """The exact loss at the middle for one permutation, k = 1."""
    other, below = permuted_copy(V, Z, m, p)
    return ((V * Z)[0] - ((V + other) / 2 * (Z + below) / 2)[0]) ** 2


# -- compactness and figure 2 -----------------------------------------------------------------------------------------
def criterion(bounded: Callable[[bool], bool], context: Context) -> Outcome:
    """The group of all I + sN, N² = 0, is not compact: what the statement says of its barriers, against them."""
    W1, W2, N = sp.Matrix([[1, 2], [0, 1]]), sp.Matrix([[2, 1], [1, 1]]), sp.Matrix([[0, 1], [0, 0]])
    errors = [chord_error(W2, W1, sp.eye(2) + s * N, HALF) for s in (1, 10, -1000, 10**6)]
    largest = max(abs(entry) for error in errors for entry in error)
    return decided(bounded(False) == (largest <= 1), largest_error=str(largest))


def figure_2(heights: dict[int, Any], context: Context) -> Outcome:
    """One weight a layer: exact losses at 101 points of each segment, the largest of them and the formula."""
    start, X, Y = [sp.Matrix([[1]]), sp.Matrix([[1]])], sp.Matrix([[1]]), sp.Matrix([[1]])
    for m, height in heights.items():
        end = [sp.Matrix([[m]]), sp.Matrix([[sp.Rational(1, m)]])]
        values = [abs((Y - output(between(start, end, sp.Rational(j, 100)), X))[0]) for j in range(101)]
        if not max(values) == values[50] == height == barrier(m, squared=False) == scalar_barrier(m):
            return decided(False, m=m, largest=str(max(values)))
    return decided(True)


def inverse(p: Sequence[int]) -> tuple[int, ...]:
    return tuple(sorted(range(len(p)), key=p.__getitem__))
