"""Section 3: the expansion manifold is connected for m > r; its graph in figure 4; the gaps of the printed proof."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import factorial
from random import Random
from typing import Any

import networkx as nx
import sympy as sp

from quadrics.expansion.enumeration import affine_subspaces
from quadrics.expansion.intersections import intersection_graph, star_graph_of_permutations
from quadrics.expansion.manifold import ExpansionManifold
from quadrics.expansion.near_diagonal import G_polynomial, T_polynomial
from quadrics.expansion.paths import connect, most_segments
from quadrics.expansion.reduction import reduce, same_neurons
from quadrics.expansion.subspaces import ExpansionSubspace
from quadrics.network import Parameters

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, decided
from ..rules import equal
from .expansion_checks import CORES, PAPER

Connected = Callable[[int, int], bool]


def _one_move() -> list[Step]:
    i, m = sp.symbols("i m", integer=True, positive=True)
    a, f = sp.IndexedBase("a"), sp.IndexedBase("f")  # f_i stands for σ(w_i·x)
    A, s, other, t = sp.symbols("a_t sigma_t sigma_prime t", real=True)
    rest = sp.Sum(a[i] * f[i], (i, 3, m))
    before = A * s + rest
    return [
        step(
            equal,
            A * s + 0 * other + rest,
            before,
            "1. the free neuron's incoming weights move: it has no outgoing ones",
        ),
        step(
            equal,
            (1 - t) * A * s + t * A * s + rest,
            before,
            "2. with equal incoming weights outgoing ones are handed over",
        ),
        step(equal, 0 * other + A * s + rest, before, "3. the neuron that was left is free"),
        argued(
            "at the start outgoing weights inside each block move to one neuron, the token (and those of zero-type "
            "groups to zero); then tokens are moved to free places, into the place where they belong if it is free, "
            "anywhere if all misplaced tokens stand in each other's way (which opens a cycle, so at most ⌊3r/2⌋ times)"
        ),
        argued("for m = r every block is a single neuron: the subspaces are r! different points, one only if r = 1"),
    ]


def _graph_is(connected: Connected, context: Context) -> Outcome:
    """The graph of subspaces: lines in common subspaces join its points, so it is connected when the manifold is."""
    for m in range(1, context.pick(quick=5, full=6)):
        for r in range(1, m + 1):
            if nx.is_connected(intersection_graph(r, m)) != connected(r, m):
                return decided(False, r=r, m=m)
    return decided(True)


def _ends(core: Parameters, m: int, random: Random) -> Parameters:
    S = ExpansionSubspace(core, random.choice(list(affine_subspaces(core.width, m))))
    return S.point([sp.Rational(random.randint(-6, 6), random.randint(1, 3)) for _ in range(S.dimension)])


Bound = Callable[[int], int]


def _paths(bound: Bound, context: Context) -> Outcome:
    """Paths between sampled points: few segments, each in a subspace, and the core recovered at points between."""
    random, longest = Random(context.seed_for("expansion paths")), 0
    for core in CORES:
        for m in (core.width + 1, core.width + 2):
            Theta = ExpansionManifold(core, m)
            for _ in range(context.pick(quick=4, full=40)):
                path = connect(Theta, _ends(core, m, random), _ends(core, m, random))
                longest = max(longest, path.number_of_segments)
                if path.number_of_segments > bound(core.width) or not path.stays_inside():
                    return decided(False, segments=path.number_of_segments, r=core.width)
                if not all(same_neurons(reduce(path.at(sp.Rational(k, 4))).core, core) for k in (1, 2, 3)):
                    return decided(False, r=core.width, m=m)
    return decided(True, longest=longest)


FormOfPoints = Callable[[Parameters], bool]
TWO_OUTPUTS = Parameters([[1]], [[1], [0]])
SPLIT = Parameters([[1], [1]], [[1, 0], [1, -1]])  # (1, 1) + (0, -1) = (1, 0)


def _split_point(form: FormOfPoints, context: Context) -> Outcome:
    """A point of Θ_{1→2} with two outputs, outgoing weights (1, 1) and (0, -1)."""
    inside = ExpansionManifold(TWO_OUTPUTS, 2).contains(SPLIT)
    return decided(inside and form(SPLIT))


def _multiples(theta: Parameters) -> bool:
    """The outgoing weights of the two copies are α a and (1 - α) a."""
    alpha = theta.W2[0, 0]
    return bool(sp.Matrix([[alpha, 1 - alpha], [0, 0]]) == theta.W2)


def _adds_up(theta: Parameters) -> bool:
    return bool(theta.W2.col(0) + theta.W2.col(1) == TWO_OUTPUTS.W2)


Landing = Callable[[Parameters], Parameters]
THREE_COPIES = Parameters([[1], [1], [1]], [[1, 1, -1]])


def _lands_with_a_free_neuron(landing: Landing, context: Context) -> Outcome:
    """From (w, w, w; 1, 1, -1), three copies of one neuron, m = 3: is there a neuron of outgoing weight zero?"""
    Theta = ExpansionManifold(Parameters([[1]], [[1]]), 3)
    there = landing(THREE_COPIES)
    return decided(Theta.contains(THREE_COPIES) and Theta.contains(there) and 0 in there.W2)


def _zero_types_to_zero(theta: Parameters) -> Parameters:
    zero = {i for g in reduce(theta).zero_groups for i in g.members}
    return Parameters(theta.W1, [[0 if i in zero else theta.W2[0, i] for i in range(theta.width)]])


def _concentrated(theta: Parameters) -> Parameters:
    found = reduce(theta)
    first = {g.members[0]: g.a[0] for g in found.labelled}
    return Parameters(theta.W1, [[first.get(i, 0) for i in range(theta.width)]])


Picture = Callable[[int], dict[str, Any]]


def _picture(r: int) -> dict[str, Any]:
    """What figure 4 shows for m = r + 1."""
    return {
        "blue": factorial(r + 1),
        "green": r * factorial(r + 1) // 2,
        "degrees": {1: {r}, 0: {2}},
        "edges": r * factorial(r + 1),
        "diameter": 2 * (3 * r // 2),
        "isomorphic": True,
    }


def _is_subdivided_star(graph: nx.Graph[Any], r: int) -> bool:
    """Read a blue subspace as a permutation: the free neuron's place, then the place of each label.

    The two neighbours of a green subspace then differ by a transposition with the first place, and every edge of the
    star graph occurs once.
    """

    def places(P: Any) -> tuple[int, ...]:
        return (P.zero_blocks[0][0], *(block[0] for block in P.labelled_blocks))

    found = [frozenset(map(places, graph[P])) for P in graph if P.is_critical]
    edges = {frozenset(edge) for edge in star_graph_of_permutations(r + 1).edges}
    return len(found) == len(edges) and set(found) == edges


def _seen(r: int) -> dict[str, Any]:
    """The same numbers, taken from the graph itself."""
    graph = intersection_graph(r, r + 1)
    zeros = {P: P.number_of_zero_groups for P in graph}
    return {
        "blue": sum(z == 1 for z in zeros.values()),
        "green": sum(z == 0 for z in zeros.values()),
        "degrees": {z: {graph.degree(P) for P in zeros if zeros[P] == z} for z in (1, 0)},
        "edges": graph.number_of_edges(),
        "diameter": nx.diameter(graph),
        "isomorphic": _is_subdivided_star(graph, r),
    }


def _drawn(picture: Picture, context: Context) -> Outcome:
    """The graph itself, for r up to 3 (quick) or 4 (full)."""
    for r in range(1, context.pick(quick=4, full=5)):
        found = context.once(("figure 4", r), lambda r=r: _seen(r))  # type: ignore[misc]
        if found != picture(r):
            return decided(False, r=r, found=str(found))
    return decided(True)


def _numbers_of_figure_4() -> list[Step]:
    r = sp.Symbol("r", integer=True, positive=True)
    all_, green = ((sp.factorial(r + 1) * p(1, r + 1)) for p in (T_polynomial, G_polynomial))
    return [
        step(equal, green, r * sp.factorial(r + 1) / 2, "G(r, r + 1): the green subspaces, without zero-type neurons"),
        step(equal, all_, (r + 2) * sp.factorial(r + 1) / 2, "T(r, r + 1): all of them"),
        step(equal, all_ - green, sp.factorial(r + 1), "the blue ones, with one zero-type neuron"),
        step(equal, 2 * green, r * (all_ - green), "edges counted from the green and from the blue side"),
        argued(
            "a blue subspace meets the r green ones in which its free neuron copies another; a green subspace meets "
            "the two blue ones in which one of the two copies is free; blue subspaces have their tokens in different "
            "places, green ones different pairs or labels, and do not meet among themselves"
        ),
    ]


def _mutants(**changes: Callable[[int], Any]) -> Iterator[Control[Picture]]:
    for key, value in changes.items():
        yield Control(
            f"{key} changed",
            lambda picture, key=key, value=value: lambda r: picture(r) | {key: value(r)},  # type: ignore[misc]
        )


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.thm3.1d",
        Kind.THEOREM,
        "The expansion manifold is connected for m > r",
        Source(PAPER, "Theorem 3.1", "3"),
        r"For $m > r$ any two points of $\Theta_{r \to m}(\theta^r)$ are joined by at most $2\lfloor 3r/2 \rfloor + 3$ "
        r"line segments inside it. For $m = r$ it consists of $r!$ points, so it is connected exactly if $m > r$ or "
        r"$r = 1$.",
        uses=("simsek.def3.3", "simsek.T_rr"),
        evidence=(
            Derivation("a move of one neuron's role to a free neuron, at any width", _one_move),
            enumeration(
                "the graph of the affine subspaces, all r ≤ m up to m = 4 (quick) or 5 (full)",
                lambda: lambda r, m: m > r or r == 1,
                _graph_is,
                [
                    Control("m ≥ r", lambda connected: lambda r, m: m >= r),
                    Control("m > r + 1", lambda connected: lambda r, m: m > r + 1 or r == 1),
                    Control("m > r alone", lambda connected: lambda r, m: m > r),
                ],
            ),
            enumeration(
                "explicit paths between sampled points of four expansions, exact",
                lambda: most_segments,
                _paths,
                [Control("three segments", lambda bound: lambda r: 3)],
            ),
        ),
    ),
    Claim(
        "simsek.thm3.1d.proof",
        Kind.THEOREM,
        "The printed proof of connectivity",
        Source(PAPER, "proof of Theorem B.4", "B.2"),
        r"For $m = r + 1$ every point outside $\tilde\Theta$ has the form $\mathcal P_\pi(w_i, w_i, \dots, \alpha a_i, "
        r"(1 - \alpha) a_i, \dots)$; in the last step, setting the outgoing weights of the zero-type neurons to zero "
        r"leads into $\tilde\Theta$.",
        label=Label.GAP,
        erratum=r"With $d_{out} \ge 2$ outgoing weights need only add up to $a_i$. A point without zero-type neurons "
        r"has none to set to zero: first all outgoing weight of a repeated neuron must be moved to one of its copies. "
        r"(Besides, $\pi \in S_r$ should be $S_{r+1}$, and different positions of $w_0$ are the heart of the matter.) "
        "The theorem is true.",
        uses=("simsek.thm3.1d",),
        evidence=(
            counterexample(
                "(1, 0) = (1, 1) + (0, -1): a point of the expansion of one neuron with two outputs to two",
                lambda: _multiples,
                _split_point,
                [Control("outgoing weights that add up", lambda form: _adds_up)],
            ),
            counterexample(
                "three copies with outgoing weights 1, 1, -1: no zero-type neuron, and no outgoing weight zero",
                lambda: _zero_types_to_zero,
                _lands_with_a_free_neuron,
                [Control("outgoing weights concentrated first", lambda landing: _concentrated)],
            ),
        ),
    ),
    Claim(
        "simsek.fig4",
        Kind.FIGURE,
        "The graph of the affine subspaces for m = r + 1",
        Source(PAPER, "Figure 4", "3"),
        r"For $m = r + 1$ there are $(r+1)!$ subspaces with a zero-type neuron, each meeting $r$ others, and "
        r"$r (r+1)!/2$ with a repeated neuron, each meeting 2: the star graph of $S_{r+1}$, a vertex on every edge. "
        r"So $T(2, 3) = 12$ and $T(3, 4) = 24 + 36$.",
        uses=("simsek.thm3.1a", "simsek.thm3.1d"),
        evidence=(
            Derivation("numbers of vertices and edges for every r", _numbers_of_figure_4),
            enumeration(
                "vertices, degrees, edges, diameter and isomorphism type, r up to 3 (quick) or 4 (full)",
                lambda: _picture,
                _drawn,
                [
                    *_mutants(
                        blue=lambda r: factorial(r),
                        green=lambda r: r * factorial(r + 1),
                        degrees=lambda r: {1: {r + 1}, 0: {2}},
                        diameter=lambda r: 3 * r,
                        isomorphic=lambda r: False,
                    )
                ],
            ),
        ),
    ),
)
