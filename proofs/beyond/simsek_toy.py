"""Beyond appendix A.3: when the toy losses have a spurious minimum, and the one saddle between the partners."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import sympy as sp

from quadrics.expansion.losses.toy import CriticalType, ToyLoss, W, diagonal_cubic, diagonal_curvatures

from ..check import Context, Control, certificate, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..rules import equal
from ..smt import valid

x, a, b = sp.symbols("x a b")
p, q, r = sp.symbols("p q r")
"""A root and the coefficients; three roots."""


def _at_root() -> tuple[Any, Any, Any]:
    along, across = (curvature.subs(W, x) for curvature in diagonal_curvatures(b))
    return sp.Eq(sp.expand(diagonal_cubic(a, b).subs(W, x)), 0), along, across


def _discriminant(factor: Any) -> Any:
    """A strict minimum on the diagonal next to two partners: then ``factor`` (b - 2)³ > 27 a²."""
    root, along, across = _at_root()
    return sp.Implies(sp.And(root, a**2 > 4 * b, along > 0, across > 0), factor * (b - 2) ** 3 > 27 * a**2)


def _outer_root(sign: int) -> Any:
    """For a > 0, three roots p < q < r and a² > 4b: at p both curvatures are positive; at q and r they differ."""
    B = 2 - (p * q + p * r + q * r)
    A = p * q * r
    given = sp.And(sp.Eq(p + q + r, 0), p < q, q < r, A > 0, sp.expand(A**2 - 4 * B) > 0)
    curvatures = [tuple(sp.expand(c.subs({W: w})) for c in diagonal_curvatures(B)) for w in (p, q, r)]
    (p1, p2), (q1, q2), (r1, r2) = curvatures
    return sp.Implies(given, sp.And(p1 > 0, sign * p2 > 0, q1 < 0, q2 > 0, r1 > 0, r2 < 0))


def _one_between(sign: int) -> Any:
    """With a² > 4b and a >= 0, descent across the diagonal is at positive w only (or everywhere, when b < 0)."""
    root, along, across = _at_root()
    given = sp.And(root, a >= 0, a**2 > 4 * b, b >= 0, across < 0)
    return sp.Implies(given, sp.And(sign * x > 0, along > 0))


def _no_second(sign: int) -> Any:
    """Two roots with descent across are the same (b >= 0)."""
    root, _, across = _at_root()
    y = sp.Symbol("y")
    given = sp.And(root, root.xreplace({x: y}), a >= 0, a**2 > 4 * b, b >= 0, across < 0)
    return sp.Implies(sp.And(given, sign * across.xreplace({x: y}) < 0), sp.Eq(x, y))


def _changes_sign(factor: int) -> Any:
    """For a > 0, b = s² and a² > 4b the cubic is negative at w = s, so that there is a root w > s, where b < w²."""
    s = sp.Symbol("s")
    value = diagonal_cubic(a, s**2).subs(W, s)
    return sp.Implies(sp.And(a > 0, s >= 0, a**2 > factor * s**2), sp.expand(value) < 0)


def _unique_when_negative(bound: int) -> Any:
    """For b <= 2 (so for b < 0) the cubic grows: it has a single root."""
    return sp.Implies(sp.And(b <= bound, sp.Ne(x, 0)), sp.diff(diagonal_cubic(a, b), W).subs(W, x) > 0)


def _saddle_when_negative(bound: int) -> Any:
    """For b < 0 both curvatures have their signs everywhere."""
    _, along, across = _at_root()
    return sp.Implies(b < bound, sp.And(along > 0, across < 0))


def _by_z3(formula: Any, context: Context) -> Outcome:
    return valid(formula)


def _discriminant_of_roots() -> list[Step]:
    cubic = sp.expand((W - p) * (W - q) * (W + p + q))
    u, v = sp.symbols("u v", real=True)
    found = sp.discriminant(diagonal_cubic(sp.Symbol("a"), sp.Symbol("b")), W)
    roots = {sp.Symbol("a"): -cubic.coeff(W, 0), sp.Symbol("b"): 2 - cubic.coeff(W, 1)}
    return [
        step(
            equal,
            found.subs(roots),
            ((p - q) * (2 * p + q) * (p + 2 * q)) ** 2,
            "4 (b - 2)³ - 27 a² is the square of the product of the differences of the roots",
        ),
        step(
            equal,
            found.subs(roots).subs({p: u + sp.I * v, q: u - sp.I * v}, simultaneous=True),
            -4 * v**2 * (9 * u**2 + v**2) ** 2,
            "negative for a pair of complex roots u ± iv: so it is positive exactly for three real roots",
        ),
        step(equal, found, 4 * (b - 2) ** 3 - 27 * a**2, "in terms of the coefficients"),
    ]


def _mirrored() -> list[Step]:
    cubic, curvatures = diagonal_cubic(a, b), diagonal_curvatures(b)
    return [
        step(equal, cubic.subs({W: -W, a: -a}, simultaneous=True), -cubic, "the roots change their signs with a"),
        *(step(equal, curvature.subs(W, -W), curvature, "and the curvatures do not") for curvature in curvatures),
    ]


def _cases(context: Context) -> Iterator[ToyLoss]:
    most = context.pick(quick=7, full=30)
    for s, t in product(range(-most, most + 1), range(-3, context.pick(quick=13, full=40))):
        if s * s > 4 * t:
            yield ToyLoss(s, t)


def _in_cases(condition: Any, context: Context) -> Outcome:
    """For all integers in a range: spurious minima as the condition says, one saddle with descent across."""
    tested = 0
    for loss in _cases(context):
        on = [point for point in loss.critical_points() if point.on_diagonal]
        spurious = any(point.kind is CriticalType.LOCAL_MINIMUM for point in on)
        if spurious != bool(condition(loss.a, loss.b)) or sum(point.signs[1] < 0 for point in on) != 1:
            return decided(False, a=str(loss.a), b=str(loss.b))
        tested += 1
    return decided(True, losses=tested)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.simsek.toy-types",
        Kind.THEOREM,
        "When the toy loss has a spurious minimum",
        Source("simsek", "beyond Figure A5", "A.3"),
        r"Let $a^2 > 4b$, so that $\log(1 + \tfrac12 ((w_1 + w_2 - a)^2 + (w_1 w_2 - b)^2))$ has two partner minima. "
        "Exactly one critical point on the diagonal has descent across it, a saddle (on the side of $a$). There is a "
        "strict local minimum on the diagonal if and only if $4 (b - 2)^3 > 27 a^2$, and then there is a second "
        "saddle, with descent along the diagonal.",
        uses=("simsek.figA5",),
        evidence=(
            Derivation("the discriminant in terms of the roots", _discriminant_of_roots),
            Derivation("a < 0 is the mirror image of a > 0", _mirrored),
            certificate(
                "a strict minimum on the diagonal needs 4 (b - 2)³ > 27 a²",
                lambda: _discriminant(4),
                _by_z3,
                [Control("3 in place of 4", lambda _: _discriminant(3))],
            ),
            certificate(
                "three roots p < q < r and a > 0: a minimum at p, a saddle at q, a saddle at r",
                lambda: _outer_root(1),
                _by_z3,
                [Control("descent across at p", lambda _: _outer_root(-1))],
            ),
            certificate(
                "descent across is on the side of a, when b >= 0",
                lambda: _one_between(1),
                _by_z3,
                [Control("on the other side", lambda _: _one_between(-1))],
            ),
            certificate(
                "there is no second one",
                lambda: _no_second(1),
                _by_z3,
                [Control("with descent at one of them only", lambda _: _no_second(-1))],
            ),
            certificate(
                "and there is one, when b = s²: the cubic is negative at s",
                lambda: _changes_sign(4),
                _by_z3,
                [Control("a² > 3b", lambda _: _changes_sign(3))],
            ),
            certificate(
                "one root for b < 0",
                lambda: _unique_when_negative(0),
                _by_z3,
                [Control("for b up to 3", lambda _: _unique_when_negative(3))],
            ),
            certificate(
                "which is a saddle with descent across",
                lambda: _saddle_when_negative(0),
                _by_z3,
                [Control("for b up to 1", lambda _: _saddle_when_negative(1))],
            ),
            enumeration(
                "integers |a| up to 7 (quick) or 30, b from -3 to 12 or 39, by exact signs",
                lambda: lambda s, t: 4 * (t - 2) ** 3 > 27 * s**2,
                _in_cases,
                [
                    Control("4 b³ > 27 a²", lambda _: lambda s, t: 4 * t**3 > 27 * s**2),
                    Control("never", lambda _: lambda s, t: False),
                ],
            ),
        ),
    ),
)
