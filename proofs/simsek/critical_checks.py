"""How the statements on symmetry-induced critical points are tried: all words, echelon forms, exact gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations, product
from typing import Any

import sympy as sp

from quadrics.expansion.configurations import Configuration
from quadrics.expansion.enumeration import affine_subspaces, critical_subspaces
from quadrics.expansion.subspaces import CriticalSubspace
from quadrics.network import Parameters
from quadrics.smooth_activation import sigmoid
from quadrics.symmetry import permute

from ..check import Context
from ..evidence import Outcome, decided
from .critical_points import (
    CORES,
    HALF,
    SHARES,
    least_squares,
    residuals,
    split,
    true_gradient,
)
from .expansion_checks import CORES as IRREDUCIBLE
from .expansion_checks import sizes

Size = Callable[[int, int], Any]


def rank(size: Size, context: Context) -> Outcome:
    """The rank of the equations that define every subspace, found from its general point."""
    count = 0
    for core in IRREDUCIBLE:
        for m in range(core.width, context.pick(quick=4, full=6)):
            for P in critical_subspaces(core.width, m):
                count += 1
                if CriticalSubspace(core, P).affine().dimension != size(core.width, m):
                    return decided(False, word=P.word)
    return decided(True, subspaces=count)


Words = Callable[[int, int], set[tuple[int, ...]]]


def all_permutations(words: Words, context: Context) -> Outcome:
    """The words of all P_π Γ̄_s: every s, every π."""
    for r, m in sizes(context.pick(quick=5, full=6)):
        listed = {
            tuple(w)
            for s in product(range(1, m + 1), repeat=r)
            if sum(s) == m
            for w in permutations(Configuration.standard(s).word)
        }
        if listed != words(r, m):
            return decided(False, r=r, m=m, found=len(listed))
    return decided(True)


def critical_words(r: int, m: int) -> set[tuple[int, ...]]:
    return {P.word for P in critical_subspaces(r, m)}


def all_words(r: int, m: int) -> set[tuple[int, ...]]:
    return {P.word for P in affine_subspaces(r, m)}


def counted(count: Callable[[int, int], Any], context: Context) -> Outcome:
    """Echelon forms: so many, all different, no two with a common point."""
    for core in IRREDUCIBLE:
        for m in range(core.width, context.pick(quick=4, full=5) + (core.width == 1)):
            spaces = [CriticalSubspace(core, P).affine() for P in critical_subspaces(core.width, m)]
            if len(set(spaces)) != count(core.width, m):
                return decided(False, r=core.width, m=m)
            if any(a.intersection(b) for i, a in enumerate(spaces) for b in spaces[:i]):
                return decided(False, r=core.width, m=m, reason="two of them meet")
    return decided(True)


Family = Callable[[Parameters], Iterator[Parameters]]


def copied(core: Parameters) -> Iterator[Parameters]:
    """Points of the critical union: neuron 1 copied once or twice, also in another order."""
    for shares in (*SHARES[2], *SHARES[3][1:3]):
        yield permute(split(core, [b * core.W2.col(0) for b in shares]), range(core.width + len(shares) - 2, -1, -1))


def not_parallel(core: Parameters) -> Iterator[Parameters]:
    """A mutant: any two parts that add up to a_1."""
    part = sp.Matrix([1] * (core.d_out - 1) + [0]) if core.d_out > 1 else sp.Matrix([1])
    yield split(core, [part, core.W2.col(0) - part])


def too_much(core: Parameters) -> Iterator[Parameters]:
    """A mutant: shares that add up to 3/2."""
    yield split(core, [core.W2.col(0), HALF * core.W2.col(0)])


def with_a_zero_neuron(core: Parameters) -> Iterator[Parameters]:
    """A mutant: a neuron with no outgoing weights."""
    yield Parameters(core.W1.row_insert(0, sp.ones(1, core.d_in)), core.W2.col_insert(0, sp.zeros(core.d_out, 1)))


def all_critical(family: Family, context: Context) -> Outcome:
    """The gradient of the least squares loss, from the targets, at every point of the family."""
    count = 0
    for core, inputs in CORES:
        for slopes in list(residuals(core, inputs))[-1:]:
            loss = least_squares(inputs, slopes)
            for theta in family(core):
                count += 1
                if any(true_gradient(theta, core, loss)):
                    return decided(False, d_out=core.d_out, width=theta.width)
    return decided(True, points=count)


Outer = Callable[[Any, Any], Any]


def as_a_matrix(outer: Outer, context: Context) -> Outcome:
    """U(w) from the columns c' and x, for two outputs and two inputs: a matrix with aᵀU(w) the gradient."""
    core, inputs = CORES[5]
    loss = least_squares(inputs, next(residuals(core, inputs)) + sp.ones(len(inputs), 2))
    gradient = true_gradient(core, core, loss)
    for t, neuron in enumerate(core.neurons()):
        try:
            z = [(core.W1.row(t) * sp.Matrix(x))[0] for x in inputs]
            terms = [outer(loss.slopes.row(n).T, sp.Matrix(x)) * sigmoid.derivative(z[n]) for n, x in enumerate(inputs)]
            found = sp.Matrix([neuron.a]) * sum(terms[1:], terms[0]) / len(inputs)
        except sp.matrices.exceptions.ShapeError as error:
            return decided(False, reason=f"the product is not defined: {error}")
        if list(found) != list(gradient[2 * t : 2 * t + 2]):
            return decided(False, neuron=t)
    return decided(True)


Equivariance = Callable[[Any, Any, tuple[int, ...]], Any]


def permuted_gradient(right_side: Equivariance, context: Context) -> Outcome:
    """∇L(P_π θ) against the printed right side, for a network of three neurons that copies two (not at a minimum)."""
    core, inputs = CORES[1]
    loss = least_squares(inputs, next(residuals(core, inputs)) + sp.ones(len(inputs), 1))
    wide = split(core, [2 * core.W2.col(0), -core.W2.col(0)])
    for pi in permutations(range(3)):
        found = true_gradient(permute(wide, pi), core, loss)
        if list(found) != list(right_side(true_gradient(wide, core, loss), true_gradient(core, core, loss), pi)):
            return decided(False, pi=pi)
    return decided(True)


def permuted(gradient: Any, pi: tuple[int, ...]) -> list[Any]:
    """P_π on a gradient of neurons with one incoming and one outgoing weight, as far as there are entries."""
    m = len(gradient) // 2
    return [gradient[offset + i] for offset in (0, m) for i in pi if i < m]
