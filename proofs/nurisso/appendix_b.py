"""Appendices B and C: Künneth's formula, what β₀ counts, and when connected means path connected."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from random import Random
from typing import Any

import networkx as nx
import sympy as sp

from quadrics.network import Neuron
from quadrics.quadric import Quadric
from quadrics.simplicial import ChainComplex, rank, sphere, tensor
from quadrics.topology import X, kunneth

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, decided
from ..exact import same
from ..rules import equal, recompute
from .quadric_geometry import NEGATIVE, POSITIVE, arc_steps, cone_steps, sign_steps
from .sine_curve import Space, sine_curve


def projective_plane() -> ChainComplex:
    """One cell in each dimension 0, 1, 2; the 2-cell runs twice around the circle."""
    return ChainComplex((1, 1, 1), (({},), ({},), ({0: 2},)))


def random_complex(random: Random, sizes: tuple[int, int, int]) -> ChainComplex:
    """A random complex of length two: d1 is random, the columns of d2 are integer combinations of its kernel."""
    n0, n1, n2 = sizes
    first = sp.Matrix(n0, n1, lambda *_: random.randint(-1, 1))
    kernel = first.nullspace()
    columns = []
    for _ in range(n2):
        column = sp.zeros(n1, 1)
        for vector in kernel:
            denominators = sp.ilcm(1, *[v.q for v in vector])
            column += random.randint(-1, 1) * denominators * vector
        columns.append({i: int(v) for i, v in enumerate(column) if v})
    boundary = tuple({i: int(v) for i, v in enumerate(first.col(j)) if v} for j in range(n1))
    return ChainComplex(sizes, (tuple({} for _ in range(n0)), boundary, tuple(columns)))


Rule_ = Callable[[Any, Any], Any]


def _poincare(complex_: ChainComplex, characteristic: int) -> Any:
    return sum(b * X**i for i, b in enumerate(complex_.betti_numbers(characteristic)))


def _multiplies(rule: Rule_, context: Context) -> Outcome:
    """The rule against ranks on tensor products: spheres, the projective plane (torsion), random complexes."""
    random = Random(context.seed_for("Künneth"))
    spaces = [sphere(0), sphere(1), sphere(2), projective_plane()]
    spaces += [random_complex(random, (3, 4, 2)) for _ in range(3)]
    pairs = 0
    for first, second in product(spaces, repeat=2):
        joint = tensor(first, second)
        if not joint.is_complex():
            return decided(None, reason="the product of two complexes is no complex")
        for characteristic in (0, 2, 3):
            predicted = rule(_poincare(first, characteristic), _poincare(second, characteristic))
            found = _poincare(joint, characteristic)
            pairs += 1
            if sp.expand(predicted - found) != 0:
                return decided(False, found=found, predicted=sp.expand(predicted), characteristic=characteristic)
    return decided(True, pairs=pairs, fields=["Q", "GF(2)", "GF(3)"])


def _splitting() -> list[Step]:
    """Cells counted with x^dimension: p + (1 + x) r, where p counts homology and r the ranks; products multiply."""
    p, q, r, s, x = sp.symbols("p q r s x")
    cells = recompute("homology of the elementary products", _elementary)
    return [
        argued(
            "Over a field every finite complex is a direct sum of lines with zero boundary (its homology) and of pairs "
            "k -> k joined by an isomorphism; the tensor product distributes over such sums."
        ),
        step(cells, ("line", "line"), sp.Integer(1), "a line times a line is a line: one class"),
        step(cells, ("line", "pair"), sp.Integer(0), "a line times a pair is acyclic"),
        step(cells, ("pair", "line"), sp.Integer(0), "a pair times a line is acyclic"),
        step(cells, ("pair", "pair"), sp.Integer(0), "a pair times a pair is acyclic"),
        step(
            equal,
            (p + (1 + x) * r) * (q + (1 + x) * s),
            p * q + (1 + x) * (p * s + r * q + (1 + x) * r * s),
            "so of all cells of the product the homology is p·q, and the rest comes in pairs",
        ),
    ]


def _elementary(names: tuple[str, str]) -> Any:
    """The total homology of the product of two elementary complexes, in every pair of degrees up to parity."""
    shapes = {
        "line": (ChainComplex((1,), (({},),)), ChainComplex((0, 1), ((), ({},)))),
        "pair": (ChainComplex((1, 1), (({},), ({0: 1},))), ChainComplex((0, 1, 1), ((), ({},), ({0: 1},)))),
    }
    totals = {sum(tensor(a, b).betti_numbers()) for a, b in product(shapes[names[0]], shapes[names[1]])}
    (total,) = totals
    return sp.Integer(total)


def _counts_classes(statement: Callable[[Any], int], context: Context) -> Outcome:
    """H_0 of a graph: vertices less the rank of the edges' boundaries, against the classes of joined vertices."""
    graphs = 0
    for graph in nx.graph_atlas_g():
        nodes = list(graph)
        if not nodes:
            continue
        boundary = [{nodes.index(u): -1, nodes.index(v): 1} for u, v in graph.edges]
        betti_0 = len(nodes) - rank(boundary)
        graphs += 1
        if statement(graph) != betti_0:
            return decided(False, vertices=len(nodes), edges=graph.number_of_edges(), betti_0=betti_0)
    return decided(True, graphs=graphs)


def _betti_zero_is(statement: Callable[[Space], int], context: Context) -> Outcome:
    space = sine_curve()
    return decided(
        statement(space) == space.betti_0,
        space="graph of sin(1/x), x > 0, with the origin",
        betti_0=space.betti_0,
        components=space.components,
        path_components=space.path_components,
    )


def _joined_or_separated() -> list[Step]:
    """For every d and e: points that no sign separates are joined by a path, so components are path components."""
    return [
        *arc_steps(POSITIVE),
        *sign_steps(POSITIVE),
        *arc_steps(NEGATIVE),
        *sign_steps(NEGATIVE),
        *cone_steps(),
    ]


Curve = Callable[[Any, Any], Any]


def _joins_the_origin(curve: Curve, context: Context) -> Outcome:
    """Whether the curve runs from θ = ((3, 4), 5) in Q(0) to the origin, inside Q(0)."""
    t = sp.Symbol("t", real=True)
    point = Neuron((3, 4), (5,))
    moved = Neuron(tuple(curve(t, v) for v in point.w), tuple(curve(t, v) for v in point.a))
    start, end = ([v.subs(t, time) for v in (*moved.w, *moved.a)] for time in (0, 1))
    stays = same(Quadric(2, 1, 0).residual(moved), 0)
    return decided(
        bool(start == [3, 4, 5] and end == [0, 0, 0] and stays),
        start=[str(v) for v in start],
        end=[str(v) for v in end],
    )


def _scales(power: Any, context: Context) -> Outcome:
    """⟨⟨tθ, tθ⟩⟩ = t^power ⟨⟨θ, θ⟩⟩ at θ = (2, 1), t = 1/2 (the identity, not only on the cone where both sides "
    "are 0)."""
    t, theta = sp.Rational(1, 2), Neuron((2,), (1,))
    moved = Neuron(tuple(t * v for v in theta.w), tuple(t * v for v in theta.a))
    left, right = (n.input_square - n.output_square for n in (moved, theta))
    return decided(same(left, t**power * right), left=left, right=t**power * right)


def _implies_equal_counts(statement: Callable[[Space], bool], context: Context) -> Outcome:
    """Does the premise make components and path components the same, on the sine curve with an isolated point?"""
    space = sine_curve(isolated_points=1)
    premise, conclusion = statement(space), space.components == space.path_components
    return decided(
        (not premise) or conclusion,
        connected=space.is_connected,
        path_connected=space.is_path_connected,
        components=space.components,
        path_components=space.path_components,
    )


CLAIMS = (
    Claim(
        "nurisso.appB.kunneth",
        Kind.THEOREM,
        "Künneth's formula for Poincaré polynomials",
        Source("nurisso", "Künneth formula", "B"),
        r"$p_{X\times Y}(x)=p_X(x)\,p_Y(x)$ for spaces with finite Betti numbers, with coefficients in a field.",
        relation=lambda: sp.Eq(sp.Symbol("p_{X×Y}"), kunneth(sp.Symbol("p_X"), sp.Symbol("p_Y"))),
        hypotheses=("finite Betti numbers", "coefficients in a field"),
        evidence=[
            Derivation("splitting the cells of a finite complex", _splitting),
            enumeration(
                "ranks on products of spheres, the projective plane and random complexes, over three fields",
                lambda: kunneth,
                _multiplies,
                [
                    Control("the polynomials added", lambda rule: lambda p, q: p + q),
                    Control("the degree shifted by one", lambda rule: lambda p, q: X * rule(p, q)),
                    Control("one factor forgotten", lambda rule: lambda p, q: p),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.appB.beta0",
        Kind.REMARK,
        "β₀ counts path components",
        Source("nurisso", "Types of connectedness", "B"),
        r"$\beta_0(X)$, the rank of singular $H_0$, is the number of path components of $X$. For $\mathcal{H}(c)$ "
        r"these are "
        r"the connected components (Lemma 2).",
        evidence=[
            enumeration(
                "vertices less rank of the edges' boundaries, all 1252 graphs with up to 7 vertices",
                lambda: nx.number_connected_components,
                _counts_classes,
                [
                    Control("one more", lambda count: lambda graph: count(graph) + 1),
                    Control("the isolated vertices only", lambda count: lambda graph: nx.number_of_isolates(graph)),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.appB.beta0.printed",
        Kind.REMARK,
        "What β₀ counts, as printed",
        Source("nurisso", "Types of connectedness", "B"),
        r"$\beta_0(X)$ counts the connected components of $X$ but in general not its path components.",
        label=Label.FALSE,
        erratum="It is the other way round: singular β₀ counts path components, and in general not the connected ones. "
        "For the invariant sets both numbers agree.",
        evidence=[
            counterexample(
                "the topologist's sine curve: one component, two path components, β₀ = 2",
                lambda: lambda space: space.components,
                _betti_zero_is,
                [Control("path components", lambda _: lambda space: space.path_components)],
            )
        ],
    ),
    Claim(
        "nurisso.lemma2",
        Kind.THEOREM,
        "Connected means path connected",
        Source("nurisso", "Lemma 2", "C"),
        r"The connected components of $\mathcal{H}(c)$ are its path components, for all $d,e\ge1$ and every $c$; "
        r"in particular "
        r"$\mathcal{H}(c)$ is connected exactly when it is path connected.",
        uses=("nurisso.lemma1", "nurisso.prop2"),
        evidence=[
            Derivation("points that no sign separates are joined by an explicit path", _joined_or_separated),
        ],
    ),
    Claim(
        "nurisso.lemma2.proof",
        Kind.THEOREM,
        "Lemma 2 as it is proved and used",
        Source("nurisso", "Lemma 2, proof", "C and D.4"),
        r"$\gamma(t)=t\theta$ runs from $\theta$ to $0$, with "
        r"$\langle\langle\gamma,\gamma\rangle\rangle=t\langle\langle\theta,"
        r"\theta\rangle\rangle$; and a space that is connected exactly when it is path connected has as many "
        r"components as "
        r"path components (as D.4 uses it for a disconnected $\mathcal{H}(c)$).",
        label=Label.GAP,
        erratum="The curve is (1 - t)θ, the form is quadratic (t²), and the lemma as stated says nothing when H(c) is "
        "disconnected: components are path components because each Q(c) is locally path connected, or because the "
        "explicit paths of Proposition 3 join any two points that no sign separates.",
        evidence=[
            counterexample(
                "the sine curve and an isolated point: neither connected nor path connected, 2 components, 3 path "
                "components",
                lambda: lambda space: space.is_connected == space.is_path_connected,
                _implies_equal_counts,
                [
                    Control(
                        "every component is path connected",
                        lambda _: lambda space: space.components == space.path_components,
                    )
                ],
            ),
            counterexample(
                "θ = ((3, 4), 5) in Q(0): tθ runs from 0 to θ",
                lambda: lambda t, v: t * v,
                _joins_the_origin,
                [Control("(1 - t)θ", lambda _: lambda t, v: (1 - t) * v)],
            ),
            counterexample(
                "θ = (2, 1), t = 1/2: the form of tθ is 3/4, not 3/2",
                lambda: 1,
                _scales,
                [Control("t²", lambda power: 2)],
            ),
        ],
    ),
)
