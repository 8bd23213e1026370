"""How the claims on groups and their orbits are decided: derivations, small groups with every topology, matrices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import sympy as sp

from quadrics.connectivity.finite_spaces import homeomorphisms
from quadrics.connectivity.gl_paths import (
    canonical_matrix,
    determinant,
    determinant_sign,
    is_invertible_path,
)

from ..check import Context
from ..derivation import Step, step
from ..evidence import Outcome, decided
from ..matrix_rules import blockwise, given, matrix_equal
from ..rules import entails, equal
from ..smt import valid
from .finite_groups import Instance, instances, orbits_of

T = sp.Symbol("t")
UNIT = sp.And(sp.Ge(T, 0), sp.Le(T, 1))


# -- the general linear group -----------------------------------------------------------------------------------------
def shears() -> list[Step]:
    n = sp.Symbol("n", integer=True, positive=True)
    t = sp.Symbol("t", real=True)
    N, M, identity = sp.MatrixSymbol("N", n, n), sp.MatrixSymbol("M", n, n), sp.Identity(n)
    e = sp.MatrixSymbol("e", n, 1)
    a, b = sp.MatrixSymbol("a", 1, 1), sp.MatrixSymbol("b", 1, n)
    c, D, S, R = (sp.MatrixSymbol(name, *shape) for name, shape in _shapes(n))
    one, right, below = sp.Identity(1), sp.ZeroMatrix(1, n), sp.ZeroMatrix(n, 1)
    rows = sp.BlockMatrix([[one, right], [-c * a.inv(), identity]])
    columns = sp.BlockMatrix([[one, -a.inv() * b], [below, identity]])
    corner = D - c * a.inv() * b
    return [
        step(
            matrix_equal,
            (identity + t * N) * (identity - t * N),
            identity - t**2 * N * N,
            "a shear I + tN, N² = 0, in any dimension",
            mutants=(identity + t**2 * N * N,),
        ),
        step(
            given({N**2: sp.ZeroMatrix(n, n)}),
            identity - t**2 * N**2,
            identity,
            "has an inverse at every t: adding t times a row to others, or a column, is a path of invertible matrices",
            mutants=(2 * identity, N),
        ),
        step(
            given({M * e: sp.ZeroMatrix(n, 1)}),
            R * (M * e),
            sp.ZeroMatrix(n, 1),
            "the first column M e of an invertible M, R M = I, is not zero, else e = R M e = 0. So if its first entry "
            "a is zero, a row with another one can be added to the first: a ≠ 0",
            mutants=(e,),
        ),
        step(
            blockwise,
            rows * sp.BlockMatrix([[a, b], [c, D]]),
            sp.BlockMatrix([[a, b], [below, corner]]),
            "such a pivot clears the column below it,",
            mutants=(sp.BlockMatrix([[a, b], [below, D]]),),
        ),
        step(
            blockwise,
            sp.BlockMatrix([[a, b], [below, corner]]) * columns,
            sp.BlockMatrix([[a, right], [below, corner]]),
            "and the row beside it, leaving diag(a, S), S = D - c a⁻¹ b, which is invertible as a and M are",
            mutants=(sp.BlockMatrix([[a, b], [below, corner]]),),
        ),
        step(
            blockwise,
            sp.BlockMatrix([[a, right], [below, S]]) * sp.BlockMatrix([[a.inv(), right], [below, S.inv()]]),
            sp.BlockMatrix([[one, right], [below, identity]]),
            "by induction on the size (for size 1 there is nothing to do) S has a path of invertible matrices to a "
            "diagonal one, and so has diag(a, S)",
            mutants=(sp.BlockMatrix([[one, right], [below, S]]),),
        ),
    ]


def _shapes(n: Any) -> list[tuple[str, tuple[Any, Any]]]:
    return [("c", (n, 1)), ("D", (n, n)), ("S", (n, n)), ("R", (n, n))]


def numbers_and_pairs() -> list[Step]:
    a = sp.Symbol("a")
    turn = sp.Matrix([[-(1 - T), -T], [T, -(1 - T)]])
    back = sp.Matrix([[T, -(1 - T)], [1 - T, T]])
    swap, unswap = sp.Matrix([[1 - T, T], [T, -(1 - T)]]), sp.Matrix([[-T, 1 - T], [1 - T, T]])
    positive = (1 - T) ** 2 + T**2
    return [
        step(entails, sp.And(UNIT, a > 0), (1 - T) * a + T > 0, "a positive number shrinks or grows to 1,"),
        step(entails, sp.And(UNIT, a < 0), (1 - T) * a - T < 0, "a negative one to -1, never through 0"),
        step(equal, turn.det(), positive, "diag(-1, -1) turns to (0 -1; 1 0)"),
        step(equal, back.det(), positive, "and that to diag(1, 1)"),
        step(equal, swap.det(), -positive, "diag(1, -1) to (0 1; 1 0)"),
        step(equal, unswap.det(), -positive, "and that to diag(-1, 1)"),
        step(
            entails,
            UNIT,
            positive > 0,
            "with a determinant that never vanishes. Signs of -1 turn to 1 two at a time and the last one moves to "
            "the first place: at most two components, diag(±1, 1, ..., 1)",
        ),
    ]


Polygon = Callable[[Any], list[Any]]


def _small_matrices(context: Context) -> Iterator[Any]:
    sizes = ((1, (-2, -1, 0, 3)), (2, (-1, 0, 1)), context.pick(quick=(2, (0, 2, -3)), full=(3, (0, 1))))
    for n, entries in sizes:
        for chosen in product(entries, repeat=n * n):
            matrix = sp.ImmutableDenseMatrix(n, n, chosen)
            if determinant(matrix) != 0:
                yield matrix


def leads_to_canonical(polygon: Polygon, context: Context) -> Outcome:
    """From each matrix the polygon reaches diag(±1, 1, ..., 1); Sturm: its determinant has no zero on any segment."""
    tried = 0
    for matrix in _small_matrices(context):
        vertices, tried = polygon(matrix), tried + 1
        end = canonical_matrix(determinant_sign(matrix), matrix.rows)
        if vertices[0] != matrix or vertices[-1] != end or not is_invertible_path(vertices):
            return decided(False, matrix=str(matrix.tolist()))
    return decided(True, matrices=tried)


def straight(matrix: Any) -> list[Any]:
    """A mutant: the straight segment."""
    return [matrix, canonical_matrix(determinant_sign(matrix), matrix.rows)]


# -- orbit maps and the bound -----------------------------------------------------------------------------------------
def bounded(relation: Callable[[int, int], bool], context: Context) -> Outcome:
    """Every orbit of every continuous action."""
    tried = 0
    for one in instances():
        if one.continuous:
            whole = one.topology.number_of_components()
            for orbit in orbits_of(one.moves, one.space):
                tried += 1
                if not relation(one.space.subspace(orbit).number_of_components(), whole):
                    return decided(False, instance=str(one))
    return decided(True, orbits=tried)


Hypothesis = Callable[[Instance], bool]


def minimum_bounded(hypothesis: Hypothesis, context: Context) -> Outcome:
    """Whenever the whole space is one orbit (the minimum of a constant loss) and the hypothesis holds."""
    tried = 0
    for one in instances():
        if one.transitive and hypothesis(one):
            tried += 1
            if one.space.number_of_components() > one.topology.number_of_components():
                return decided(False, group=one.group.name, space=str(one.space.least))
    return decided(tried > 0, instances=tried)


def is_homeomorphic(hypothesis: Hypothesis, context: Context) -> Outcome:
    """Whenever the hypothesis holds and the action is transitive and free, group and space are homeomorphic."""
    tried = 0
    for one in instances():
        if one.transitive and one.free and one.continuous and hypothesis(one):
            tried += 1
            if not any(True for _ in homeomorphisms(one.topology, one.space)):
                return decided(False, group=one.group.name, space=str(one.space.least))
    return decided(tried > 0, instances=tried)


def needs_all_three(homeomorphic: Hypothesis, context: Context) -> Outcome:
    """Whether an action that makes group and space homeomorphic, in this sense, is continuous, transitive and free."""
    tried = 0
    for one in instances():
        if homeomorphic(one):
            tried += 1
            if not (one.continuous and one.transitive and one.free):
                return decided(False, group=one.group.name, space=str(one.space.least), moves=one.moves)
    return decided(tried > 0, instances=tried)


def by_any_map(one: Instance) -> bool:
    """Whether some map is a homeomorphism from the group to the space."""
    return any(True for _ in homeomorphisms(one.topology, one.space))


def by_orbit_map(one: Instance) -> bool:
    """Whether g ↦ g·0 is a homeomorphism from the group to the space."""
    orbit_map = tuple(move[0] for move in one.moves)
    return any(f == orbit_map for f in map(tuple, homeomorphisms(one.topology, one.space)))


def orbit_map_open(one: Instance) -> bool:
    """Whether g ↦ g·0 takes open sets to open sets."""
    return all(one.space.is_open({one.moves[g][0] for g in opened}) for opened in one.topology.open_sets())


Image = Callable[[Instance, int], set[int]]


def image_of_action(one: Instance, point: int) -> set[int]:
    """The image of (g, x) -> g·x."""
    return {move[x] for move in one.moves for x in one.space.points}


def image_of_orbit_map(one: Instance, point: int) -> set[int]:
    """The image of g -> g·s at one point s."""
    return {move[point] for move in one.moves}


def is_orbit(image: Image, context: Context) -> Outcome:
    """All actions of the small groups on up to 3 points, at every point."""
    for one in instances():
        for orbit in orbits_of(one.moves, one.space):
            for point in orbit:
                if image(one, point) != orbit:
                    return decided(False, group=one.group.name, orbit=sorted(orbit), image=sorted(image(one, point)))
    return decided(True)


@dataclass(frozen=True)
class Bijectivity:
    """When the orbit map g -> g·x is one to one, and when it is onto, as conditions on an action."""

    one_to_one: Hypothesis
    onto: Hypothesis


def orbit_maps(said: Bijectivity, context: Context) -> Outcome:
    for one in instances():
        maps = [[move[x] for move in one.moves] for x in one.space.points]
        injective = all(len(set(values)) == one.group.order for values in maps)
        surjective = all(set(values) == set(one.space.points) for values in maps)
        if injective != said.one_to_one(one) or surjective != said.onto(one):
            return decided(False, instance=str(one))
    return decided(True)


# -- a discontinuous action of the real line --------------------------------------------------------------------------
def shifted(t: Any) -> Any:
    """ψ: R -> R without 0, one to one and onto: t + 1 at 0, 1, 2, ..., t elsewhere."""
    return t + 1 if t >= 0 and t == int(t) else t


def unshifted(x: Any) -> Any:
    """The inverse of ψ."""
    return x - 1 if x >= 1 and x == int(x) else x


def real_line_acts(move: Callable[[Any, Any], Any], context: Context) -> Outcome:
    """t·x = ψ(t + ψ⁻¹(x)) is an action of (R, +) on R without 0, transitive and free; both signs are one orbit.

    On a grid of quarters; and 1/n·1 tends to 0, not to 1 = 0·1, which is why the bound does not apply.
    """
    grid = [sp.Rational(k, 4) for k in range(-10, 11)]
    points = [x for x in grid if x != 0]
    for s, t, x in product(grid[::2], grid[::3], points):
        if move(0, x) != x or move(s + t, x) != move(s, move(t, x)) or move(t, x) == 0:
            return decided(False, s=s, t=t, x=x)
    reached = all(move(unshifted(y) - unshifted(x), x) == y for x, y in product(points, repeat=2))
    jumps = all(abs(move(sp.Rational(1, n), 1) - move(0, 1)) >= sp.Rational(1, 2) for n in range(2, 50))
    return decided(reached and jumps)


# -- Proposition A.8 --------------------------------------------------------------------------------------------------
def connected_orbits() -> list[Step]:
    y, z = sp.symbols("y z", positive=True)
    i, a, b = sp.symbols("i a b")
    return [
        step(equal, (z / y) * y, z, "g = z/y > 0 takes (i, y) to (i, z): each half line is one orbit"),
        step(
            entails,
            sp.And(UNIT, a > 0, b > 0),
            (1 - T) * a + T * b > 0,
            "and connected: with two points it includes the segment between them",
        ),
        step(
            entails,
            sp.Or(sp.Eq(i, 0), sp.Eq(i, 1)),
            sp.Or(i < sp.Rational(1, 2), i > sp.Rational(1, 2)),
            "but i < 1/2 and i > 1/2 separate the two half lines",
        ),
    ]


def disconnected_orbits() -> list[Step]:
    g, p, q, x, y, s = sp.symbols("g p q x y s")
    here, there = sp.Or(sp.Ne(p, 0), sp.Ne(q, 0)), sp.Or(sp.Ne(x, 0), sp.Ne(y, 0))

    def zero(start: tuple[Any, Any], end: tuple[Any, Any], at: Any) -> Any:
        return sp.And(*(sp.Eq((1 - at) * a + at * b, 0) for a, b in zip(start, end, strict=True)))

    times = sp.And(sp.Eq(x, g * p), sp.Eq(y, g * q), sp.Ne(g, 0))
    side = p * x + q * y
    inside = sp.And(UNIT, UNIT.subs(T, s))
    perpendicular, opposite = (-q, p), (q, -p)
    return [
        step(entails, sp.And(here, times), sp.Ne(side, 0), "no point g·(p, q) of the orbit has p x + q y = 0,"),
        step(
            entails,
            sp.And(here, sp.Eq(x, -p), sp.Eq(y, -q)),
            side < 0,
            "there are points with p x + q y < 0, as for g = 1 there are with > 0: two open parts, every orbit "
            "disconnected",
        ),
        step(
            entails,
            sp.And(here, UNIT),
            sp.And(sp.Not(zero((p, q), perpendicular, T)), sp.Not(zero((p, q), opposite, T))),
            "the plane without 0 is connected: from (p, q) straight to (-q, p), or to (q, -p),",
        ),
        step(
            entails,
            sp.And(here, there, inside),
            sp.Not(sp.And(zero(perpendicular, (x, y), T), zero(opposite, (x, y), s))),
            "and from one of the two straight to any (x, y), avoiding 0",
        ),
    ]


def scalars_keep(scalars: Callable[[Any], Any], context: Context) -> Outcome:
    """Every scalar keeps the non-zero numbers (in each coordinate), as one with an inverse does."""
    g, x = sp.symbols("g x")
    return valid(sp.Implies(sp.And(scalars(g), sp.Ne(x, 0)), sp.Ne(g * x, 0)))
