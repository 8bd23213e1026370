"""Steps that several claims share: charts, cones and paths on a quadric of any dimension, by inner products alone.

On Q(c) with c ≠ 0 call v the weights that wind around the sphere (w for c > 0, a for c < 0) and y the others: the
equation reads v·v = |c| + y·y in both cases, and the formulas of :mod:`quadrics.quadric` are written in these squares.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from quadrics.quadric import projection_factor, sphere_radius

from ..continuity import continuous
from ..derivation import Step, step
from ..rules import entails, equal, equal_modulo, recompute
from ..vectors import Vector, dot, inner, square, vectors

POSITIVE = sp.Symbol("c", positive=True)
NEGATIVE = sp.Symbol("c", negative=True)


def chart_steps(c: Any) -> list[Step]:
    """Eq. (18) and its inverse are continuous, land where they should, and undo each other, for one sign of c."""
    v, y, u, test = vectors("v y u test")
    r = sphere_radius(c, square(y))
    on_quadric = sp.Eq(square(v), sp.Abs(c) + square(y))
    on_sphere = sp.Eq(square(u), 1)
    there, back = (1 / r) * v, r * u
    entry, flat, yy = sp.symbols("v_i y_j y·y")
    scalar = sphere_radius(c, yy)
    size = sp.Abs(c)
    return [
        step(entails, yy >= 0, size + yy > 0, f"the root in h is taken of a positive number (c {_relation(c)} 0)"),
        step(equal_modulo(on_quadric), square(there), sp.Integer(1), "h(w, a) has its first part on the sphere"),
        step(
            equal_modulo(on_sphere),
            square(back) - square(y),
            size,
            "h⁻¹(u, y) satisfies the equation of Q(c)",
            mutants=[-size],
        ),
        step(equal, dot(r * there, test), dot(v, test), "h⁻¹ ∘ h is the identity"),
        step(equal, dot((1 / r) * back, test), dot(u, test), "h ∘ h⁻¹ is the identity"),
        step(continuous(yy >= 0), [entry / scalar, flat], True, "h is continuous"),
        step(continuous(yy >= 0), [entry * scalar, flat], True, "h⁻¹ is continuous"),
    ]


def cone_steps() -> list[Step]:
    """The homotopy (1 - λ)θ stays in Q(0) and joins every point to the origin."""
    w, a, test = vectors("w a test")
    lam, entry = sp.symbols("lambda theta_i")
    on_cone = sp.Eq(square(w), square(a))

    def q(first: Vector, second: Vector) -> Any:
        return square(first) - square(second)

    def at(value: int) -> Any:
        return recompute(f"λ = {value}", lambda e: e.subs(lam, value))

    moved = (1 - lam) * w, (1 - lam) * a
    return [
        step(equal, q(*moved), (1 - lam) ** 2 * q(w, a), "q((1 - λ)θ) = (1 - λ)² q(θ)"),
        step(equal_modulo(on_cone), q(*moved), sp.Integer(0), "so it stays in Q(0)"),
        step(at(0), dot(moved[0], test), dot(w, test), "it starts at θ"),
        step(at(1), dot(moved[0], test), sp.Integer(0), "and ends at the origin"),
        step(continuous(), [(1 - lam) * entry], True, "continuous in λ and θ together"),
    ]


def arc_steps(c: Any) -> list[Step]:
    """The library's path between two points of Q(c), and the corner that it takes between opposite directions."""
    v0, v1, y0, y1, test = vectors("v0 v1 y0 y1 test")
    t = sp.Symbol("t")
    direction, line = (1 - t) * v0 + t * v1, (1 - t) * y0 + t * y1
    factor = projection_factor(c, square(line), square(direction))
    size = sp.Abs(c)
    U, V, G, N, R, p, q = sp.symbols("U V G N R p q")
    entry, yy, vv = sp.symbols("v_i y·y v·v")

    def endpoint(value: int, at_end: Vector, y_end: Vector) -> Any:
        """Put t and the equation of Q(c) at that end into the expression."""
        used = {inner_square(y_end): square(at_end) - size}
        return recompute(f"t = {value}, on Q(c)", lambda e: e.subs(t, value).subs(used))

    ahead = sp.And(U > 0, V > 0, G**2 <= U * V, sp.Or(G >= 0, G**2 < U * V), t >= 0, t <= 1)
    length = (1 - t) ** 2 * U + 2 * t * (1 - t) * G + t**2 * V
    parallel_to_both = sp.And(p**2 >= N, q**2 >= N)
    return [
        step(
            equal,
            square(factor * direction) - square(line),
            size,
            "the path stays on Q(c), identically in t",
            mutants=[-size],
        ),
        step(endpoint(0, v0, y0), dot(factor * direction, test), dot(v0, test), "it starts at the first point"),
        step(endpoint(1, v1, y1), dot(factor * direction, test), dot(v1, test), "it ends at the second"),
        step(
            equal,
            square(direction),
            length.subs({U: square(v0), V: square(v1), G: dot(v0, v1)}, simultaneous=True),
            "the squared length of the direction",
        ),
        step(
            entails,
            ahead,
            length > 0,
            "it never vanishes unless the directions are opposite (U, V, G = v0², v1², v0·v1)",
        ),
        step(continuous(vv > 0, yy >= 0), [projection_factor(c, yy, vv) * entry], True, "so the path is continuous"),
        step(
            entails,
            sp.And(sp.Eq(N, p**2 + q**2 + R), R >= 0, N > 0),
            sp.Not(parallel_to_both),
            "in two or more dimensions some axis is parallel to neither of two opposite directions (a corner)",
        ),
    ]


def sign_steps(c: Any) -> list[Step]:
    """Where the sphere factor is S⁰, v / sqrt(|c| + y·y) is continuous and ±1 on Q(c): constant on connected sets."""
    v, yy = sp.symbols("v y·y")
    s = v / sphere_radius(c, yy)
    return [
        step(continuous(yy >= 0), [s], True, "s = v / √(|c| + |y|²) is continuous"),
        step(
            equal_modulo(sp.Eq(v**2, sp.Abs(c) + yy)),
            s**2,
            sp.Integer(1),
            "and s² = 1 on Q(c): a continuous function to {-1, 1} is constant on every connected set",
        ),
        step(
            entails, sp.And(sp.Eq(v**2, sp.Abs(c) + yy), yy >= 0), sp.Ne(v, 0), "s is the sign of v, which never is 0"
        ),
    ]


def inner_square(v: Vector) -> Any:
    """The symbol v·v of a named vector."""
    ((name, _),) = v.terms
    return inner(name, name)


def _relation(c: Any) -> str:
    return ">" if c.is_positive else "<"
