"""Beyond appendix A.3: when the toy losses have a spurious minimum, and the one saddle between the partners."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import sympy as sp
import z3

from quadrics.expansion.losses.toy import CriticalType, ToyLoss, W, diagonal_cubic, diagonal_curvatures, toy_discrepancy

from ..check import Check, Context, Control, certificate, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope, decided
from ..indexed import Formula
from ..indexed import decide as decide_indexed
from ..rules import equal
from ..smt import to_z3

a, b = sp.symbols("a b")


@dataclass(frozen=True)
class Point:
    """A critical point on the diagonal: its place, the curvatures along and across, and that it is one, for z3."""

    place: Any
    along: Any
    across: Any
    critical: Any


def _point(name: str) -> Point:
    place = sp.Symbol(name)
    along, across = (to_z3(curvature.subs(W, place)) for curvature in diagonal_curvatures(b))
    return Point(to_z3(place), along, across, to_z3(sp.Eq(sp.expand(diagonal_cubic(a, b).subs(W, place)), 0)))


def _partners(factor: int = 4) -> Any:
    """a² > 4b: two different partner minima."""
    return to_z3(a**2 > factor * b)


def _large(factor: int = 4) -> Any:
    return to_z3(sp.expand(factor * (b - 2) ** 3) > 27 * a**2)


def _there_is_a_descent(factor: int) -> Formula:
    """If a² > 4b, some critical point on the diagonal has descent across it, and none along it."""
    point = _point("x")
    kind = z3.And(point.critical, point.along > 0, point.across < 0)
    return Formula([_partners(factor)], z3.Exists([point.place], kind))


def _on_the_side_of_a(sign: int) -> Formula:
    """Where no ascent is across the diagonal, descent is: a saddle, on the side of a if a is not zero."""
    point = _point("x")
    kind = z3.And(point.along > 0, point.across < 0, z3.Or(sign * to_z3(a) * point.place > 0, to_z3(a) == 0))
    return Formula([_partners(), point.critical, point.across <= 0], kind)


def _no_second(both: bool) -> Formula:
    """Two critical points with descent across are the same; a mutant asks it of one only."""
    first, second = _point("x"), _point("y")
    given = [_partners(), first.critical, second.critical, first.across < 0]
    return Formula([*given, second.across < 0] if both else given, first.place == second.place)


def _only_if(factor: int) -> Formula:
    """Positive curvatures at a critical point on the diagonal need ``factor`` (b - 2)³ > 27 a²."""
    point = _point("x")
    return Formula([_partners(), point.critical, point.along > 0, point.across > 0], _large(factor))


def _flat(curvature: int) -> Formula:
    """Where the curvature along the diagonal is 0 (a mutant: up to 1), F is less at points as near as one likes."""
    point, near = _point("x"), sp.symbols("y epsilon")
    y, epsilon = map(to_z3, near)
    here, there = (to_z3(sp.expand(toy_discrepancy(a, b, w, w))) for w in (sp.Symbol("x"), near[0]))
    given = [_partners(), point.critical, point.along >= 0, point.along <= curvature, epsilon > 0]
    close = z3.And(y > point.place - epsilon, y < point.place + epsilon)
    return Formula(given, z3.Exists([y], z3.And(close, there < here)))


def _if(factor: int) -> Formula:
    """If ``factor`` (b - 2)³ > 27 a², there is a strict minimum on the diagonal."""
    point = _point("x")
    kind = z3.And(point.critical, point.along > 0, point.across > 0)
    return Formula([_partners(), _large(factor)], z3.Exists([point.place], kind))


def _second_saddle(factor: int) -> Formula:
    """And there is a saddle with descent along the diagonal."""
    point = _point("y")
    kind = z3.And(point.critical, point.along < 0, point.across > 0)
    return Formula([_partners(), _large(factor)], z3.Exists([point.place], kind))


def _discriminant() -> list[Step]:
    found = sp.discriminant(diagonal_cubic(a, b), W)
    return [step(equal, found, 4 * (b - 2) ** 3 - 27 * a**2, "the discriminant of the cubic on the diagonal")]


def _by_z3(what: str, formula: Callable[[Any], Formula], value: Any, mutant: tuple[str, Any]) -> Check[Any]:
    """A certificate: the formula for this value follows, that for the mutant's does not."""
    name, other = mutant
    return certificate(
        what,
        lambda: lambda: formula(value),
        decide_indexed,
        [Control(name, lambda _: lambda: formula(other))],
    )


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
            Derivation("where 4 (b - 2)³ = 27 a² comes from", _discriminant, Scope.INSTANCE),
            _by_z3(
                "for all real a, b: some critical point on the diagonal has descent across, and none along",
                _there_is_a_descent,
                4,
                ("a² > 3b", 3),
            ),
            _by_z3(
                "each of these is a saddle on the side of a, and no curvature across is 0",
                _on_the_side_of_a,
                1,
                ("on the other side", -1),
            ),
            _by_z3("there is no second one", _no_second, True, ("descent at one of them only", False)),
            _by_z3("positive curvatures there need 4 (b - 2)³ > 27 a²", _only_if, 4, ("3 in place of 4", 3)),
            _by_z3("no minimum is where the curvature along is 0", _flat, 0, ("where it is from 0 to 1", 1)),
            _by_z3("4 (b - 2)³ > 27 a² suffices for one", _if, 4, ("5 in place of 4", 5)),
            _by_z3("and for a saddle with descent along the diagonal", _second_saddle, 4, ("5 in place of 4", 5)),
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
