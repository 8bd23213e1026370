"""Section 4.2 and appendix B.4: the Hessian at symmetry-induced critical points (Proposition 4.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sympy as sp

from quadrics.expansion.configurations import Configuration
from quadrics.expansion.critical.inertia import Inertia, inertia
from quadrics.expansion.subspaces import CriticalSubspace, ExpansionSubspace

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation
from ..evidence import Outcome, Scope, decided
from .critical_points import CORES, Expanded, expanded_points, least_squares, residuals
from .expansion_checks import PAPER
from .hessian_derivations import along_the_subspace, escape

Bound = Callable[[Expanded], int]


def _zeros(bound: Bound, context: Context) -> Outcome:
    """At least so many zero eigenvalues, and exactly so many somewhere; the directions of the subspace among them."""
    slack = []
    for point in expanded_points(context):
        slack.append(point.inertia.zero - bound(point))
        if slack[-1] < 0:
            return decided(False, extra=point.extra, found=point.inertia.zero)
    return decided(min(slack) == 0, points=len(slack), most_beyond=max(slack))


def _null_directions(directions: Callable[[Any], list[Any]], context: Context) -> Outcome:
    """H v = 0 for the directions of the subspace, for copies of the first and of both kinds of core."""
    count = 0
    for point in expanded_points(context)[:: context.pick(quick=4, full=1)]:
        H = point.loss.hessian(point.replication.network())
        for v in directions(point.replication):
            count += 1
            if any(H * sp.Matrix(v)):
                return decided(False, word=point.replication.configuration.word)
    return decided(True, directions=count)


def _of_the_critical_subspace(replication: Any) -> list[Any]:
    return CriticalSubspace(replication.core, replication.configuration).direction_vectors()


def _of_the_expansion(replication: Any) -> list[Any]:
    """A mutant: outgoing weights shared in any way."""
    return ExpansionSubspace(replication.core, replication.configuration).direction_vectors()


Escape = Callable[[Inertia], bool]


def _still_saddles(certain: Escape, context: Context) -> Outcome:
    """Where the core's inertia makes it certain, every copy has a negative eigenvalue."""
    count = 0
    for point in expanded_points(context):
        if certain(point.core_inertia):
            count += 1
            if point.inertia.negative == 0:
                return decided(False, core=str(point.core_inertia))
    return decided(count > 0, copies=count)


# -- the printed proof ------------------------------------------------------------------------------------------------
Hypothesis = Callable[[Any, Any, Any], bool]
X, Y = sp.symbols("x y", real=True)
FUNCTIONS = (X * Y, Y**2, Y**2 * (1 + X**2), Y + Y**2)
"""Functions that are constant along the x axis; the origin is critical for the first three."""


def constant_along(f: Any, gradient: Any, x: Any) -> bool:
    """The printed reason: the loss is the same along the line."""
    return bool(sp.diff(f.subs(Y, 0), x) == 0)


def critical_along(f: Any, gradient: Any, x: Any) -> bool:
    """The right reason: the gradient vanishes all along the line."""
    return all(entry.subs(Y, 0) == 0 for entry in gradient)


def _a_zero_eigenvalue(hypothesis: Hypothesis, context: Context) -> Outcome:
    """Critical at the origin and the hypothesis along the x axis: a zero eigenvalue?"""
    used = 0
    for f in FUNCTIONS:
        gradient = [sp.diff(f, v) for v in (X, Y)]
        at_origin = {X: 0, Y: 0}
        if any(g.subs(at_origin) for g in gradient) or not hypothesis(f, gradient, X):
            continue
        used += 1
        found = inertia(sp.hessian(f, (X, Y)).subs(at_origin))
        if not found.zero:
            return decided(False, function=str(f), inertia=str(found))
    return decided(used > 0, functions=used)


Dimension = Callable[[Any, Configuration], int]


def _inside_the_network(dimension: Dimension, context: Context) -> Outcome:
    """Two copies in a network of two outputs: as many zero eigenvalues as the equal-loss subspace has dimensions?"""
    core, inputs = CORES[3]
    loss = least_squares(inputs, next(residuals(core, inputs)))
    P = Configuration(1, (1, 1))
    theta = CriticalSubspace(core, P).point([sp.Rational(1, 3)])
    found = inertia(loss.hessian(theta))
    core_zeros = inertia(loss.hessian(core)).zero
    return decided(found.zero >= dimension(core, P), inertia=str(found), zeros_of_the_core=core_zeros)


PROP44 = Claim(
    "simsek.prop4.4",
    Kind.THEOREM,
    "Zero eigenvalues, and saddles that stay saddles",
    Source(PAPER, "Proposition 4.4", "4.2"),
    r"For $c, \sigma \in C^2$ and $\theta_*^m \in \bar\Theta_{r \to m}(\theta_*^r)$, $\nabla^2 L^m(\theta_*^m)$ has "
    r"*at least* $m - r$ zero eigenvalues: the directions of the critical subspace lie in its kernel. If $\nabla^2 "
    r"L^r(\theta_*^r)$ has a negative eigenvalue, so has $\nabla^2 L^m(\theta_*^m)$.",
    hypotheses=(r"$\theta_*^r$ is an irreducible critical point of $L^r$",),
    uses=("simsek.prop4.3", "beyond.simsek.hessian-splits"),
    evidence=(
        Derivation("H v = 0 along the critical subspace, for all sizes", along_the_subspace),
        Derivation("the core's second derivative is one of the wide network's, for all sizes", escape),
        enumeration(
            "exact Hessians at copies of critical points of seven sigmoid networks: zero eigenvalues",
            lambda: lambda point: point.extra,
            _zeros,
            [
                Control("one more", lambda bound: lambda point: bound(point) + 1),
                Control("one fewer, attained", lambda bound: lambda point: bound(point) - 1),
            ],
            scope=Scope.INSTANCE,
        ),
        enumeration(
            "the same Hessians times the directions of the subspace",
            lambda: _of_the_critical_subspace,
            _null_directions,
            [Control("outgoing weights shared in any way", lambda directions: _of_the_expansion)],
            scope=Scope.INSTANCE,
        ),
        enumeration(
            "the same Hessians where the core's has a negative eigenvalue",
            lambda: lambda core: core.negative > 0,
            _still_saddles,
            [Control("for every core", lambda certain: lambda core: True)],
            scope=Scope.INSTANCE,
        ),
    ),
)

CLAIMS: tuple[Claim, ...] = (
    PROP44,
    replace(
        PROP44,
        id="simsek.propB.9",
        source=Source(PAPER, "Proposition B.9", "B.4"),
        title="Zero eigenvalues, and saddles that stay saddles (appendix)",
        uses=("simsek.prop4.4",),
    ),
    Claim(
        "simsek.prop4.4.proof",
        Kind.THEOREM,
        "Equal loss and zero eigenvalues",
        Source(PAPER, "proof of Proposition B.9", "B.4"),
        r"A critical point in an affine subspace of dimension $D$ of equal loss has at least $D$ zero eigenvalues in "
        "the Hessian.",
        label=Label.GAP,
        erratum=r"Equal loss along a line gives $v^T H v = 0$ only: $xy$ is zero on the $x$ axis, and its Hessian has "
        r"the eigenvalues $\pm 1$. In a network, $\Gamma_s \supset \bar\Gamma_s$ has equal loss and dimension $(m - r) "
        r"d_{out}$, but no such number of zero eigenvalues. The right reason: *all* points of $\bar\Gamma_s$ are "
        r"critical; differentiate $\nabla L = 0$ along it to find $H v = 0$.",
        uses=("simsek.prop4.4",),
        evidence=(
            counterexample(
                "functions of two variables that are constant on the x axis, at the origin",
                lambda: constant_along,
                _a_zero_eigenvalue,
                [Control("critical all along the x axis", lambda hypothesis: critical_along)],
            ),
            counterexample(
                "two copies of a sigmoid neuron with two outputs, in Γ_s of dimension 2, exactly",
                lambda: lambda core, P: ExpansionSubspace(core, P).dimension,
                _inside_the_network,
                [
                    Control(
                        "the critical subspace, of dimension 1",
                        lambda dimension: lambda core, P: CriticalSubspace(core, P).dimension,
                    )
                ],
            ),
        ),
    ),
)
