"""Curves in level sets whose chords are far from them: circle, helix, a polynomial level curve, a corner; all exact.

Each :class:`Chord` carries what a bound may use (curvature, chord, length) and what it must not undercut: a lower
bound on the distance from the middle of the chord to the *whole* level set, decided by z3 when it is built.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from quadrics.connectivity.curvature import curvature, length, level_curvature
from quadrics.errors import ClaimError

from ..check import Context
from ..evidence import Outcome, Truth, decided
from ..smt import valid

Bound = Callable[["Chord"], Any]

_X, _Y = sp.symbols("x y")  # without assumptions, for z3
_T = sp.Symbol("t", real=True)


CUT = sp.Rational(49, 50)
"""Where the rings of :func:`level_function` are cut."""


def circle_at(t: Any) -> list[Any]:
    """The point of the unit circle at the angle t."""
    return [sp.cos(t), sp.sin(t)]


def helix_at(h: Any, t: Any) -> list[Any]:
    """The point of the helix of pitch 2πh at the angle t."""
    return [sp.cos(t), sp.sin(t), h * t]


def level_function(delta: Any, x: Any, y: Any) -> Any:
    """(x² + y² - 1)² + ε² (1 + x)² - δ² with ε = δ/(1 + CUT): zero on thin rings round the circle, cut at x = CUT.

    >>> level_function(1, 0, 1)
    -7301/9801
    """
    eps = delta / (1 + CUT)
    return (x**2 + y**2 - 1) ** 2 + eps**2 * (1 + x) ** 2 - delta**2


@dataclass(frozen=True)
class Chord:
    """The middle of a chord of a curve, and the level set of a loss L with Lipschitz constant ``lipschitz``.

    ``length`` is at most the curve's length, ``distance`` at most the distance, ``loss`` is |L - c| at the middle.
    """

    name: str
    curvature: Any
    chord: Any
    length: Any
    distance: Any
    loss: Any
    lipschitz: Any
    regular: bool = True


def long_way_round(cosine: Any, sine: Any) -> Chord:
    """The major arc of the unit circle over the chord at x = cosine > 0; L is the distance to it.

    >>> long_way_round(sp.Rational(4, 5), sp.Rational(3, 5)).distance
    3/5
    """
    _certain(cosine**2 + sine**2 == 1 and cosine > 0, "a point of the circle")
    nearest = (_X - cosine) ** 2 + _Y**2 >= sine**2
    _decided(sp.Implies(sp.And(sp.Eq(_X**2 + _Y**2, 1), cosine >= _X), nearest))
    circle = circle_at(_T)
    arc = length(circle, _T, sp.asin(sine), 2 * sp.pi - sp.asin(sine))
    return Chord(f"major arc, x <= {cosine}", curvature(circle, _T), 2 * sine, arc, sine, sine, sp.Integer(1))


def short_way_round(cosine: Any, sine: Any) -> Chord:
    """The minor arc over the same chord, for which d_max is the distance.

    >>> short_way_round(sp.Rational(4, 5), sp.Rational(3, 5)).distance
    1/5
    """
    _certain(cosine**2 + sine**2 == 1 and cosine > 0, "a point of the circle")
    d = 1 - cosine
    _decided(sp.Implies(sp.And(sp.Eq(_X**2 + _Y**2, 1), cosine <= _X), (_X - cosine) ** 2 + _Y**2 >= d**2))
    circle = circle_at(_T)
    arc = length(circle, _T, -sp.asin(sine), sp.asin(sine))
    return Chord(f"minor arc, x >= {cosine}", curvature(circle, _T), 2 * sine, arc, d, d, sp.Integer(1))


def helix(h: Any) -> Chord:
    r"""One turn of the helix (cos θ, sin θ, hθ), the zero set of L = |(x - cos(z/h), y - sin(z/h))|, for 0 < h <= 1.

    The zero set is a complete analytic curve, L² is analytic, and L is Lipschitz with constant √(1 + h⁻²). From the
    middle (1, 0, πh) of the chord over a turn, the point at θ = π + φ is at the squared distance
    2 + 2 cos φ + h² φ², which is at least h²: cos φ >= -1, and cos φ >= 1 - φ²/2.

    >>> helix(sp.Rational(1, 10)).loss
    2
    """
    _certain(0 < h <= 1, "0 < h <= 1")
    phi, c = sp.symbols("phi c")
    known = sp.And(c >= -1, c >= 1 - phi**2 / 2)
    _decided(sp.Implies(known, 2 + 2 * c + h**2 * phi**2 >= h**2))
    curve = helix_at(h, _T)
    middle = {"x": sp.Integer(1), "y": sp.Integer(0), "z": sp.pi * h}
    loss = sp.sqrt((middle["x"] - sp.cos(middle["z"] / h)) ** 2 + (middle["y"] - sp.sin(middle["z"] / h)) ** 2)
    turn = length(curve, _T, 0, 2 * sp.pi)
    return Chord(f"helix, h = {h}", curvature(curve, _T), 2 * sp.pi * h, turn, h, loss, sp.sqrt(1 + h**-2))


def polynomial_level(delta: Any, cosine: Any, sine: Any) -> Chord:
    r"""The outer arc of a level curve of L = (x² + y² - 1)² + ε² (1 + x)², L = δ², with ε = δ/(1 + x_0), x_0 = 49/50.

    The level curve is smooth (δ² is a regular value) and closed: thin rings round the unit circle, cut at x = x_0. On
    its outer side x² + y² = 1 + δ s(m) with s = √(1 - m²), m = (1+x)/(1+x_0); the ends have m = cosine, s = sine.
    With H = x² + y² - δ s: κ = (H_xx H_y² + 2 H_x²)/|∇H|³ <= (2 + b)/(2 - a), where a and b bound δ|s'| and δ|s''|
    and |∇H| >= 2 |(x, y)| - a >= 2 - a. As y² = 1 + δ s - x² is concave in x and negative at x = -1 - δ, the arc is in
    one piece: it runs from one end over its leftmost point, between -1 - δ and -1, to the other.
    """
    cut, eps = CUT, delta / (1 + CUT)
    _certain(cosine**2 + sine**2 == 1 and cosine > 0 and sine > 0, "a point of the circle")
    F = level_function(delta, _X, _Y)
    singular = sp.groebner([F, F.diff(_X), F.diff(_Y)], _X, _Y)
    _certain(singular.exprs == [1], "no critical point at this level")

    m = sp.Symbol("m")
    root = sp.sqrt(1 - m**2)
    a, b = (delta / (1 + cut) ** n * sp.Abs(sp.diff(root, m, n)).subs(m, cosine) for n in (1, 2))
    leftmost = sp.simplify(1 + delta * root.subs(m, -delta / (1 + cut)) - (1 + delta) ** 2)
    _certain(leftmost < 0 and delta / (1 + cut) < cosine, "the leftmost point is near -1, where |m| is smaller")
    bend = sp.Function("bend")(_X)  # stands for δ s
    H = _X**2 + _Y**2 - bend
    turn = H.diff(_X, 2) * H.diff(_Y) ** 2 + 2 * H.diff(_X) ** 2
    stated = sp.Abs(turn) / (H.diff(_X) ** 2 + H.diff(_Y) ** 2) ** sp.Rational(3, 2)
    _certain(sp.simplify(level_curvature(H, _X, _Y) - stated) == 0, "the curvature of the level curves of H")
    Hx, Hy, Hxx, most = sp.symbols("Hx Hy Hxx most")
    _decided(sp.Implies(sp.And(Hxx >= 2, Hxx <= most), Hxx * Hy**2 + 2 * Hx**2 <= most * (Hx**2 + Hy**2)))
    x1 = cosine * (1 + cut) - 1
    y1_squared = 1 + delta * sine - x1**2
    _certain(F.subs({_X: x1, _Y: sp.sqrt(y1_squared)}).expand() == 0, "the ends lie on the level curve")

    distance2 = x1**2 - 2 * x1 * cut + 1 - delta
    square = sp.Symbol("g")  # g = x² + y² - 1
    on_level = sp.And(sp.Eq(square**2 + eps**2 * (1 + _X) ** 2, delta**2), sp.Eq(square, _X**2 + _Y**2 - 1))
    _decided(sp.Implies(on_level, sp.And(cut >= _X, square >= -delta)))
    _decided(sp.Implies(sp.And(cut >= _X, square >= -delta), square + 1 - 2 * _X * x1 + x1**2 >= distance2))
    middle = F.subs({_X: x1, _Y: 0})
    least_length = 2 * sp.sqrt((1 + x1) ** 2 + y1_squared)  # from the ends to x <= -1 and back
    return Chord(
        f"level curve of a polynomial, δ = {delta}",
        (2 + b) / (2 - a),
        2 * sp.sqrt(y1_squared),
        least_length,
        sp.sqrt(distance2),
        abs(middle),
        _gradient_bound(F),
    )


def _gradient_bound(F: Any) -> Any:
    """A bound on |∇F| for |x|, |y| <= 2: the sum of the sizes of the terms."""
    sizes = [sp.Poly(sp.expand(F.diff(v)), _X, _Y) for v in (_X, _Y)]
    bounds = [sum(abs(c) * 2 ** sum(powers) for powers, c in one.terms()) for one in sizes]
    return sp.sqrt(bounds[0] ** 2 + bounds[1] ** 2)


def corner() -> Chord:
    """The set y = |x| as the image of t ↦ (sgn(t) e^{-1/t²}, e^{-1/t²}): smooth, κ = 0 except at the corner.

    There γ' = 0. The curvature is below 1/10 wherever it is defined; L is the distance.

    >>> corner().regular
    False
    """
    t = sp.Symbol("t", positive=True)
    wave = sp.exp(-1 / t**2)
    _certain(curvature([wave, wave], t) == 0, "straight sides")
    _decided(sp.Implies(sp.Or(sp.Eq(_Y, _X), sp.Eq(_Y, -_X)), 2 * (_X**2 + (_Y - 1) ** 2) >= 1))
    half = 1 / sp.sqrt(2)
    return Chord("a corner", sp.Rational(1, 10), sp.Integer(2), 2 * sp.sqrt(2), half, half, sp.Integer(1), False)


def all_chords() -> dict[str, tuple[Chord, ...]]:
    """What violates Theorem 6.2 as printed, by kind, each instance a counterexample; and arcs below half a circle."""
    q = sp.Rational
    return {
        "short arcs": (short_way_round(q(4, 5), q(3, 5)), short_way_round(q(9, 41), q(40, 41))),
        "the long way round a circle": (
            long_way_round(q(4, 5), q(3, 5)),
            long_way_round(q(12, 13), q(5, 13)),
            long_way_round(q(100, 2501), q(2499, 2501)),  # half a circle and 0.08 more
        ),
        "a turn of a helix": (helix(q(1, 10)),),
        "a smooth closed level curve of a polynomial": (polynomial_level(q(1, 100), q(40, 41), q(9, 41)),),
        "a corner": (corner(),),
    }


KINDS = (
    "the long way round a circle",
    "a turn of a helix",
    "a smooth closed level curve of a polynomial",
    "a corner",
)
LOSING_KINDS = tuple(kind for kind in KINDS if "polynomial" not in kind)
"""Those that violate eq. (9), too: |L(w) - c| above C_L d_max. (The polynomial grows like a squared distance.)"""

Decision = Callable[[Bound, Context], Outcome]


def within(kind: str) -> Decision:
    """Whether no chord of this kind, nor of a short arc, is farther from its level set than the bound says.

    Violated means that *every* chord of the kind is. Chords that a bound does not cover do not count.
    """
    return lambda bound, context: _none_exceeds(kind, bound, lambda one: one.distance, lambda one: 1, context)


def within_loss(kind: str) -> Decision:
    """Whether none of them has a larger |L(w) - c| than C_L times the bound (eq. (9))."""
    return lambda bound, context: _none_exceeds(kind, bound, lambda one: one.loss, lambda one: one.lipschitz, context)


Part = Callable[[Chord], Any]


def _none_exceeds(kind: str, bound: Bound, found: Part, factor: Part, context: Context) -> Outcome:
    chords = context.once("zhao.chords", all_chords)

    def exceeding(some: tuple[Chord, ...]) -> list[str]:
        values = [(one, bound(one)) for one in some]
        return [
            f"{one.name}: {sp.N(found(one), 4)}, bound {sp.N(factor(one) * value, 4)}"
            for one, value in values
            if value is not None and _is_larger(found(one), factor(one) * value)
        ]

    short, long = exceeding(chords["short arcs"]), exceeding(chords[kind])
    if short or len(long) == len(chords[kind]):
        return decided(False, failing=short + long)
    return decided(None if long else True, failing=long)


def _is_larger(found: Any, bound: Any) -> bool:
    return bool(sp.N(found - bound, 30) > 0) and not sp.simplify(found - bound).is_zero


def _decided(formula: Any) -> None:
    _certain(valid(formula).truth is Truth.HOLDS, str(formula))


def _certain(condition: Any, what: str) -> None:
    if not bool(condition):
        raise ClaimError(f"counterexample: got an instance where this fails: {what}")
