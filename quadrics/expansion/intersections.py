r"""Which affine subspaces of an expansion meet, in which dimension, and the graph that they form.

**Intersection rule.** Let P and Q be configurations of the same irreducible point, and take the join of their two
partitions: the connected components of the positions when neighbours are the positions that share a block in P or in
Q. Then :math:`P \cap Q \ne \emptyset` exactly when for every label t the blocks K_t of P and K'_t of Q lie in the same
component, and these r components are distinct. If so,

.. math:: \dim(P \cap Q) = \sum_{C} \bigl[d_{out}(|C| - \#P(C) - \#Q(C) + 1) + d_{in}\,[C \text{ has no label}]\bigr],

with #P(C) the number of blocks of P inside C. (A component has one incoming weight vector, and its outgoing weights
have a prescribed sum over every block; the sums over P's and over Q's blocks are connected by one relation.)

>>> from .configurations import Configuration
>>> P, Q, R = Configuration(1, (1, -1)), Configuration(1, (1, 1)), Configuration(1, (-1, 1))
>>> intersect(P, Q), intersect(P, R), intersection_dimension(P, Q, 2, 1)
(True, False, 0)
"""

from __future__ import annotations

from itertools import combinations, permutations
from math import factorial
from typing import Any

import networkx as nx

from ..errors import ShapeError
from ..validation import as_dimension
from .configurations import Configuration
from .enumeration import affine_subspaces
from .sizes import as_expansion, refuse_listing

MAX_PAIRS = 2_000_000
"""Pairs of subspaces that are compared for a graph unless more are asked for."""


def join(P: Configuration, Q: Configuration) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return the components of the join, each as its letters in P and its letters in Q (without repetition).

    Raises ``ShapeError`` unless P and Q have the same r and m.

    >>> join(Configuration(1, (1, -1, -2)), Configuration(1, (1, 1, -1)))
    [((1, -1), (1,)), ((-2,), (-1,))]
    """
    if (P.r, P.m) != (Q.r, Q.m):
        raise ShapeError(f"configurations: got (r, m) = {(P.r, P.m)} and {(Q.r, Q.m)}; expected the same")
    components: list[tuple[set[int], set[int]]] = []
    for p, q in zip(P.word, Q.word, strict=True):
        touched = [c for c in components if p in c[0] or q in c[1]]
        components = [c for c in components if c not in touched]
        components.append(({p}.union(*(c[0] for c in touched)), {q}.union(*(c[1] for c in touched))))
    ordered = [(tuple(sorted(ps, reverse=True)), tuple(sorted(qs, reverse=True))) for ps, qs in components]
    return sorted(ordered, key=lambda c: (c[0][0] < 0, abs(c[0][0])))


def intersect(P: Configuration, Q: Configuration) -> bool:
    """Whether the subspaces of P and Q have a common point, by the intersection rule.

    >>> intersect(Configuration(2, (1, 2, -1)), Configuration(2, (1, 2, 2)))
    True
    >>> intersect(Configuration(2, (1, 2, 1)), Configuration(2, (1, 2, 2)))
    False
    """
    return all(_labels(ps) == _labels(qs) and len(_labels(ps)) <= 1 for ps, qs in join(P, Q))


def intersection_dimension(P: Configuration, Q: Configuration, d_in: Any, d_out: Any) -> Any:
    """Return the dimension of the intersection, or ``None`` where there is none; integers or SymPy symbols.

    >>> import sympy
    >>> P, Q = Configuration(1, (1, -1, -1)), Configuration(1, (1, -1, -2))
    >>> intersection_dimension(P, Q, *sympy.symbols("d_in d_out"))
    d_in
    """
    if not intersect(P, Q):
        return None
    total: Any = 0
    for ps, qs in join(P, Q):
        size = sum(p in ps for p in P.word)
        total += d_out * (size - len(ps) - len(qs) + 1) + (0 if _labels(ps) else d_in)
    return total


def intersection_graph(r: object, m: object, most_pairs: int | None = MAX_PAIRS) -> nx.Graph[Configuration]:
    r"""Return the graph of the T(r, m) affine subspaces of :math:`\Theta_{r \to m}`, joined where they meet (figure 4).

    The graph does not depend on the irreducible point, nor on d_in and d_out. Nodes are configurations with the
    attribute ``zero_groups``.

    Raises
    ------
    DimensionError
        if r > m, or more than ``most_pairs`` pairs would have to be compared (``None``: no limit).

    Examples
    --------
    >>> graph = intersection_graph(2, 3)
    >>> len(graph), graph.number_of_edges(), nx.is_connected(graph), nx.diameter(graph)
    (12, 12, True, 6)
    >>> nx.number_connected_components(intersection_graph(3, 3))
    6
    """
    r, m = as_expansion(r, m)
    vertices = list(affine_subspaces(r, m))
    pairs = len(vertices) * (len(vertices) - 1) // 2
    refuse_listing(f"intersection_graph({r}, {m})", pairs, most_pairs, "is_connected(r, m) and number_of_components")
    graph: nx.Graph[Configuration] = nx.Graph()
    graph.add_nodes_from((P, {"zero_groups": P.number_of_zero_groups}) for P in vertices)
    graph.add_edges_from((P, Q) for P, Q in combinations(vertices, 2) if _meet(P.word, Q.word))
    return graph


def number_of_components(r: object, m: object) -> int:
    r"""Return the number of connected components of :math:`\Theta_{r \to m}`: one for m > r, and r! points for m = r.

    >>> number_of_components(4, 4), number_of_components(4, 5)
    (24, 1)
    """
    r, m = as_expansion(r, m)
    return factorial(r) if m == r else 1


def is_connected(r: object, m: object) -> bool:
    r"""Whether :math:`\Theta_{r \to m}` is connected: exactly when m > r or r ≤ 1 (Theorem 3.1).

    >>> is_connected(2, 2), is_connected(2, 3), is_connected(1, 1)
    (False, True, True)
    """
    return number_of_components(r, m) == 1


def star_graph_of_permutations(n: object) -> nx.Graph[tuple[int, ...]]:
    """Return the Cayley graph of S_n for the transpositions (1 i): one step exchanges the first entry with another.

    For m = r + 1, :func:`intersection_graph` is this graph for n = r + 1 with a vertex put on every edge.

    >>> subdivided = nx.Graph()
    >>> for u, v in star_graph_of_permutations(3).edges:
    ...     nx.add_path(subdivided, [u, (u, v), v])
    >>> nx.is_isomorphic(subdivided, intersection_graph(2, 3))
    True
    """
    n = as_dimension(n, "n", 1)
    refuse_listing(f"star_graph_of_permutations({n})", factorial(n), MAX_PAIRS, "its order is n!")
    graph: nx.Graph[tuple[int, ...]] = nx.Graph()
    for p in permutations(range(n)):
        graph.add_node(p)
        graph.add_edges_from((p, (p[i], *p[1:i], p[0], *p[i + 1 :])) for i in range(1, n))
    return graph


def _labels(letters: tuple[int, ...]) -> set[int]:
    return {letter for letter in letters if letter > 0}


def _meet(p: tuple[int, ...], q: tuple[int, ...]) -> bool:
    """The intersection rule on words, as fast as a loop over pairs needs it: union-find on the letters of both."""
    parent: dict[tuple[bool, int], tuple[bool, int]] = {}

    def root(x: tuple[bool, int]) -> tuple[bool, int]:
        while x in parent:
            x = parent[x]
        return x

    for a, b in set(zip(p, q, strict=True)):
        if a > 0 and b > 0 and a != b:
            return False
        first, second = root((False, a)), root((True, b))
        if first != second:
            parent[first] = second
    in_p = {t: root((False, t)) for t in p if t > 0}
    in_q = {t: root((True, t)) for t in q if t > 0}
    return in_p == in_q and len(set(in_p.values())) == len(in_p)
