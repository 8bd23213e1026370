"""Section 4.1: how its claims are decided: small networks, their functions by exact Taylor series, and the proof."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import networkx as nx
import sympy as sp

from quadrics.expansion.enumeration import affine_subspaces
from quadrics.expansion.intersections import intersection_graph
from quadrics.expansion.manifold import CriticalUnion, ExpansionManifold
from quadrics.expansion.reduction import output
from quadrics.expansion.subspaces import ExpansionSubspace
from quadrics.network import Parameters
from quadrics.smooth_activation import (
    SmoothActivation,
)

from ..check import Context
from ..derivation import Step, argued, step
from ..evidence import Outcome, decided
from ..rules import divide, equal
from .expansion_checks import CORES
from .function_checks import (
    EXP,
    irreducible_networks,
    networks,
    same_by_series,
)

Predicate = Callable[[Parameters], bool]


# -- the assumption of the section ------------------------------------------------------------------------------------
def has_a_smaller_one(flagged: Predicate, context: Context) -> Outcome:
    """Every flagged network (2 or 3 neurons) has the function of a smaller one, for an unknown activation."""
    for m in (2, 3):
        smaller = {as_combination(n) for n in networks(m - 1, [(0,), (1,), (2,)], range(-3, 4))}
        for theta in networks(m, [(0,), (1,), (2,)] if m == 2 else [(0,), (1,)], (-1, 0, 1)):
            if flagged(theta) and as_combination(theta) not in smaller:
                return decided(False, W1=str(list(theta.W1)), W2=str(list(theta.W2)))
    return decided(True)


def as_combination(theta: Parameters) -> frozenset[Any]:
    """The function, as a combination of the independent functions σ(w·x) of an unknown σ."""
    total: dict[Any, Any] = {}
    for w, a in zip(theta.W1, theta.W2, strict=True):
        total[w] = total.get(w, 0) + a
    return frozenset((w, a) for w, a in total.items() if a)


# -- Corollary 4.1 ----------------------------------------------------------------------------------------------------
Connected = Callable[[int, int], bool]
Points = Callable[[Parameters, int], list[Parameters]]


def minima_are_connected(connected: Connected, context: Context) -> Outcome:
    for m in range(1, context.pick(quick=5, full=6)):
        for r in range(1, m + 1):
            if nx.is_connected(intersection_graph(r, m)) != connected(r, m):
                return decided(False, r=r, m=m)
    return decided(True)


def general_points(core: Parameters, m: int) -> list[Parameters]:
    """The general point of each subspace, with a symbol for each free coordinate."""
    return [ExpansionSubspace(core, P).symbols() for P in affine_subspaces(core.width, m)]


def zero_loss(points: Points, context: Context) -> Outcome:
    """The points compute the core's function, for an activation of which nothing is known."""
    checked = 0
    for core in CORES:
        x = sp.symbols(f"x1:{core.d_in + 1}", real=True)
        for theta in points(core, core.width + 1):
            if output(theta, x) != output(core, x):
                return decided(False, core=str(list(core.W1)))
            checked += 1
    return decided(True, subspaces=checked)


def with_zero_types_that_count(core: Parameters, m: int) -> list[Parameters]:
    points = general_points(core, m)
    return [Parameters(theta.W1, theta.W2 + sp.ones(theta.d_out, m)) for theta in points]


# -- Theorem 4.2 ------------------------------------------------------------------------------------------------------
class Grid(NamedTuple):
    """Irreducible networks and, to compare with them, all networks that are at least as wide."""

    core_incoming: list[tuple[int, ...]]
    core_outgoing: tuple[int, ...]
    incoming: list[tuple[int, ...]]
    outgoing: tuple[int, ...]


GRIDS = (
    Grid([(-1,), (0,), (1,)], (-1, 1), [(-1,), (0,), (1,)], (-1, 0, 1)),
    Grid([(0, 0), (1, -1), (-1, 1)], (1,), [(0, 0), (1, -1), (-1, 1)], (-1, 0, 1)),
    Grid([(-1,), (1,)], (-2, 2), [(-2,), (2,), (1,)], (-1, 0, 1)),
)


class Uniqueness(NamedTuple):
    """With this activation exactly the networks of ``members(core, m)`` have the core's function."""

    activation: SmoothActivation
    members: Callable[[Parameters, int], Predicate]
    grids: tuple[Grid, ...] = GRIDS


def expansion(core: Parameters, m: int) -> Predicate:
    """Membership in the expansion manifold."""
    return ExpansionManifold(core, m).contains


def critical_union(core: Parameters, m: int) -> Predicate:
    """A mutant: no zero-type neurons, and multiples of the outgoing weights."""
    return CriticalUnion(core, m).contains


def decide_uniqueness(statement: Uniqueness, context: Context) -> Outcome:
    """Small irreducible networks against all small networks that are at least as wide, by exact Taylor series."""
    key = ("uniqueness", statement.activation.name, statement.members.__name__, len(statement.grids))
    return context.once(key, lambda: uniqueness(statement, context))


def uniqueness(statement: Uniqueness, context: Context) -> Outcome:
    pairs = minima = 0
    for number, grid in enumerate(statement.grids):
        wide = 3 if number == 0 and context.mode == "full" else 2
        students = list(networks(wide, grid.incoming, grid.outgoing))
        for r in (1, 2):
            for core in irreducible_networks(r, grid.core_incoming, grid.core_outgoing):
                member = statement.members(core, wide)
                for theta in students:
                    pairs += 1
                    same = same_by_series(theta, core, statement.activation)
                    minima += same
                    if same != member(theta):
                        return decided(False, core=str(list(core.W1)), W1=str(list(theta.W1)), W2=str(list(theta.W2)))
    return decided(True, pairs=pairs, minima=minima)


def uniqueness_steps() -> list[Step]:
    """Theorem 4.2 from Lemma B.5."""
    k, d = sp.symbols("k d_in", integer=True, positive=True)
    e, s0 = sp.Symbol("epsilon"), sp.Symbol("sigma_0", nonzero=True)
    A0 = sp.Symbol("A_0", real=True)
    W, V = sp.IndexedBase("W"), sp.IndexedBase("V")
    t = e ** (k - 1)
    return [
        argued(
            "h = f(θ) - f(θ_*) is continuous and zero almost everywhere on the support, so it is zero there; each "
            "output by itself is h(x) = A_0 σ(0) + Σ A_W σ(W·x), a sum over the distinct W ≠ 0 of both networks"
        ),
        step(
            equal,
            sp.Sum(W[k] * t, (k, 1, d)) - sp.Sum(V[k] * t, (k, 1, d)),
            sp.Sum((W[k] - V[k]) * t, (k, 1, d)),
            "t = (1, ε, ..., ε^(d_in - 1)): W·t - V·t is a polynomial in ε with the coefficients W_k - V_k",
        ),
        argued(
            "it has finitely many roots for W ≠ V, so for all small ε > 0 the numbers W·t are distinct and (V = 0) not "
            "zero; Lemma B.5 on the line x = α t gives A_W = 0 for every W ≠ 0, from α near 0 alone"
        ),
        step(
            divide(s0),
            sp.Eq(A0 * s0, 0, evaluate=False),
            sp.Eq(A0, 0, evaluate=False),
            "what is left of h = 0 is A_0 σ(0) = 0: here σ(0) ≠ 0 is needed",
            conditions=[sp.Ne(s0, 0)],
        ),
        argued(
            "so A_W = 0 for every W: the outgoing weights add up to θ_*'s for its w_i and to zero for other vectors"
        ),
    ]


class Setting(NamedTuple):
    """What a teacher is asked to fit, what the student fits, and whether each does."""

    teacher: Parameters
    student: Parameters
    data: tuple[Any, ...]


# θ_* = (2; 1) is the only single exponential through (0, 1) and (ln 2, 4); the student is another function with these
# values, 2/3 e^x + 1/3 e^{3x}, and defines f* on the whole line.
FINITE = Setting(
    Parameters([[2]], [[1]]),
    Parameters([[1], [3]], [[sp.Rational(2, 3), sp.Rational(1, 3)]]),
    (sp.Integer(0), sp.log(2)),
)
EXPANDED = Setting(Parameters([[2]], [[1]]), Parameters([[2], [3]], [[1, 0]]), (sp.Integer(0), sp.log(2)))
FitsTarget = Callable[[Setting], bool]


def fits_data(setting: Setting) -> bool:
    """L^{r*}(θ_*) = 0: the teacher fits the target at the data points, and no other single neuron does."""
    w = sp.Symbol("w", real=True)
    targets = [sp.simplify(output(setting.student, [x], EXP)[0]) for x in setting.data]
    (x0, x1), (y0, y1) = setting.data, targets
    assert x0 == 0  # so a = y0, and w follows from the second point, as the exponential function is injective
    [only] = sp.solve(sp.Eq(w * x1, sp.log(y1 / y0)), w)
    return bool(sp.simplify(only - setting.teacher.W1[0]) == 0 and y0 == setting.teacher.W2[0])


def fits_everywhere(setting: Setting) -> bool:
    """L_μ^{r*}(θ_*) = 0: the teacher is the target function."""
    return same_by_series(setting.student, setting.teacher, EXP)


def conclusion_of_the_theorem(fits: FitsTarget, context: Context) -> Outcome:
    """f* is the student's function, so L_μ^m = 0 there. If the teacher fits, the student is in its expansion."""
    used = 0
    for setting in (EXPANDED, FINITE):
        if fits(setting):
            used += 1
            if not ExpansionManifold(setting.teacher, setting.student.width).contains(setting.student):
                return decided(False, student=str(list(setting.student.W1)))
    return decided(used > 0, used=used)


Direction = Callable[[int, int], list[Any]]
EPSILON = sp.Symbol("epsilon")


def direction_works(direction: Direction, context: Context) -> Outcome:
    """For M = 3 vectors of the plane and of space: W·t is defined, and these numbers are distinct and not zero."""
    e = sp.Rational(1, 1000)
    for vectors in ([(1, 0), (0, 1), (1, 1)], [(1, 2, 3), (1, 2, 4), (0, 0, 1)]):
        t = direction(len(vectors), len(vectors[0]))
        if len(t) != len(vectors[0]):
            return decided(False, length=len(t), d_in=len(vectors[0]))
        values = [sum(w * v.subs(EPSILON, e) for w, v in zip(W, t, strict=True)) for W in vectors]
        if len({*values, 0}) != len(vectors) + 1:
            return decided(False, values=[str(v) for v in values])
    return decided(True)


def powers(n: int) -> list[Any]:
    """1, ε, ..., ε^(n-1)."""
    return [EPSILON**k for k in range(n)]


def nonzero_vectors_suffice(activation: SmoothActivation, context: Context) -> Outcome:
    """(1, 0; 1, A_0) with A_0 = 0, 5 has A_W = 0 for W ≠ 0: if it computes σ(x), is it in the expansion of (1; 1)?"""
    core, zeros = Parameters([[1]], [[1]]), 0
    for A0 in (0, 5):
        theta = Parameters([[1], [0]], [[1, A0]])
        if same_by_series(theta, core, activation):
            zeros += 1
            if not ExpansionManifold(core, 2).contains(theta):
                return decided(False, A0=A0)
    return decided(zeros > 0, networks=zeros)
