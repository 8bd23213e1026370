r"""How many *effective* components H(c) has, under each reading of the word (section 5 of Nurisso et al., 2024).

Rescalings and permutations relate parameters in different components of the invariant set H(c). Corollary 3 counts
"effective components" as 1 + l_-; which objects there are that many of depends on the reading. With l_- pathological
neurons and m = l - l_- others, for d > 1 and e = 1:

==========================  =================================================  ==================================
reading                     counted are                                        how many
==========================  =================================================  ==================================
Theorem 2's relation        classes of "every θ in C has an equivalent         1 + l_-
                            one in C'"
Definition 2                the different sets Eff(θ), which overlap           (k + 1)(2 l_- + 2 - k)/2,
                            unless m = 0 or l_- = 0                            k = min(m, l_-)
transitive closure          classes that "some θ in C has an equivalent        1 + l_- if m = 0, otherwise 1
                            one in C'" generates
permutations alone          components up to the permutations that keep c      Π (m_i + 1) over the values < 0 of c
functions                   the different sets F(C) of functions               1 + l_-
==========================  =================================================  ==================================

The default reading of the package is Theorem 2's relation, under which Corollary 3 is true. The last row is
:func:`quadrics.function_classes.function_class_count`. For each other row one function counts in closed form and
another lists the classes themselves, by brute force over the patterns of neuron types.

Throughout, ``d_in`` counts a bias as one more input (appendix E): pass d + 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import networkx as nx
import sympy

from .counts import as_counts, as_number
from .errors import DimensionError
from .orbits import NeuronPermutations
from .type_patterns import TypePatterns
from .validation import Expr, as_count, as_dimension

Component = tuple[int, ...]  # the signs of TypePatterns.component_of


def theorem_2_class_count(d_in: object, d_out: object, l_plus: object, l_minus: object, l_zero: object = 0) -> Expr:
    """Return the number of classes of components under Theorem 2's relation, the default reading of *effective*.

    C and C' are related when *every* θ in C is a rescaling and permutation of some θ' in C'. The classes are told apart
    by how many pathological neurons have a positive output weight (e = 1), and by how many neurons with c_k > 0 have a
    positive input weight (d = 1); neurons with c_k = 0 never matter.

    Parameters
    ----------
    d_in, d_out : input and output dimension d and e (d + 1 for a network with biases); integers or symbols
    l_plus, l_minus, l_zero : numbers of neurons with c_k > 0, c_k < 0, c_k = 0; integers or symbols

    Returns
    -------
    int for integers, otherwise a SymPy expression

    Raises
    ------
    DimensionError
        if a dimension is below 1, a count negative, or one of them no integer.

    Examples
    --------
    >>> theorem_2_class_count(2, 1, l_plus=1, l_minus=2)
    3
    >>> theorem_2_class_count(2, 3, l_plus=1, l_minus=2)
    1
    >>> theorem_2_class_count(2, 1, l_plus=1, l_minus=sympy.Symbol("l_minus"))
    l_minus + 1

    References: Theorem 2 and Corollary 3 for d > 1, e = 1.
    """
    d, e = as_count(d_in, "d_in", 1), as_count(d_out, "d_out", 1)
    plus, minus, _ = as_counts(l_plus, l_minus, l_zero)
    return as_number(_if_one(d, 1 + plus) * _if_one(e, 1 + minus))


def definition_2_set_count(
    d_in: object, d_out: object, l_plus: object, l_minus: object, l_zero: object = 0, nondegenerate: bool = False
) -> Expr:
    """Return how many different sets Eff(θ) there are, θ in H(c): Definition 2 read literally.

    Eff(θ) is the union of the components that θ reaches by rescaling and permutation. It depends on θ, not on its
    component alone, and the sets overlap when there are both pathological and other neurons.

    Parameters
    ----------
    d_in, d_out, l_plus, l_minus, l_zero : as for :func:`theorem_2_class_count`, integers or symbols for the counts
    nondegenerate : count only the θ all of whose w_k and a_k are not zero

    Raises
    ------
    DimensionError
        for bad numbers; and for d = e = 1 with neurons of both signs of c, where no closed form is known (use
        :func:`definition_2_sets`).

    Examples
    --------
    >>> definition_2_set_count(2, 1, l_plus=1, l_minus=1), theorem_2_class_count(2, 1, l_plus=1, l_minus=1)
    (3, 2)
    >>> definition_2_set_count(2, 1, l_plus=0, l_minus=5)
    6
    >>> definition_2_set_count(2, 1, 2, 2), definition_2_set_count(2, 1, 2, 2, nondegenerate=True)
    (6, 5)
    >>> definition_2_set_count(2, 1, 2, 2) == len(definition_2_sets(TypePatterns([1, 1, -1, -1])))
    True
    """
    d, e = as_dimension(d_in, "d_in"), as_dimension(d_out, "d_out")
    plus, minus, zero = as_counts(l_plus, l_minus, l_zero)
    sheeted = (plus if d == 1 else 0) + (minus if e == 1 else 0)
    if d == e == 1 and not (plus == 0 or minus == 0):
        raise DimensionError(
            f"definition_2_set_count: got d = e = 1 with l_plus = {plus}, l_minus = {minus}; expected one of them to "
            "be 0 (no closed form is known otherwise: list the sets with definition_2_sets)"
        )
    k = sympy.Min(plus + minus + zero - sheeted, sheeted)
    return as_number(sheeted + k + 1 if nondegenerate else (k + 1) * (2 * sheeted + 2 - k) / sympy.Integer(2))


def closure_class_count(d_in: object, d_out: object, l_plus: object, l_minus: object, l_zero: object = 0) -> Expr:
    """Return the number of classes of components when *some* equivalent pair links two of them, transitively closed.

    One class as soon as one neuron's quadric is connected or has its two sheets told apart by the other weights;
    otherwise 1 + l.

    >>> closure_class_count(2, 1, l_plus=0, l_minus=4), closure_class_count(2, 1, l_plus=1, l_minus=4)
    (5, 1)
    >>> closure_class_count(1, 1, l_plus=1, l_minus=1)
    1
    """
    d, e = as_dimension(d_in, "d_in"), as_dimension(d_out, "d_out")
    plus, minus, zero = as_counts(l_plus, l_minus, l_zero)
    all_minus = sympy.And(sympy.Eq(plus + zero, 0), e == 1)
    all_plus = sympy.And(sympy.Eq(minus + zero, 0), d == 1)
    return as_number(sympy.Piecewise((1 + plus + minus + zero, sympy.Or(all_minus, all_plus)), (1, True)))


def are_linked(first: object, second: object, l_plus: object, l_zero: object = 0) -> Expr:
    """Whether *some* θ in C_s is equivalent to some θ' in C_s': p(s) and p(s') differ by at most m = l_+ + l_0.

    Here d > 1 and e = 1; ``first`` and ``second`` are p(s) and p(s'), integers or SymPy symbols. The relation is
    symmetric, and transitive exactly for m = 0 and m ≥ l_-; :func:`closure_class_count` counts the classes that it
    generates.

    >>> bool(are_linked(0, 2, l_plus=1)), bool(are_linked(0, 2, l_plus=1, l_zero=1))
    (False, True)
    """
    p, q = as_count(first, "first"), as_count(second, "second")
    free = as_count(l_plus, "l_plus") + as_count(l_zero, "l_zero")
    return sympy.And(p - q <= free, q - p <= free)


def permutation_class_count(c: Sequence[object], d_in: int = 2, d_out: int = 1) -> int:
    """Return the number of components of H(c) up to permutations alone, without rescaling: those with c∘π = c.

    A product of m + 1 over the distinct values of c whose quadrics have two sheets, m the value's multiplicity.

    >>> permutation_class_count([-1, -1, -1, 5]), permutation_class_count([-1, -2, -3])
    (4, 8)
    >>> permutation_class_count([-1] * 1000)
    1001
    """
    H = TypePatterns(c, d_in, d_out)
    groups = NeuronPermutations.preserving(c).classes
    sizes = [len(group) for group in groups if H.is_two_sheeted(H.signs[group[0]])]
    return int(sympy.prod([size + 1 for size in sizes]))


def definition_2_sets(H: TypePatterns, nondegenerate: bool = False) -> set[frozenset[Component]]:
    """Return all sets Eff(θ), θ in H(c), each as the set of its components, by brute force over neuron types.

    >>> sets = definition_2_sets(TypePatterns([-1, 1]))
    >>> sorted(map(sorted, sets))
    [[(-1,)], [(-1,), (1,)], [(1,)]]

    Raises ``DimensionError`` for more than 2^14 patterns: :func:`definition_2_set_count` has no limit.
    """
    kept = (orbit for orbit in H.orbits() if not nondegenerate or not any(t.is_degenerate for t in next(iter(orbit))))
    return {frozenset(map(H.component_of, orbit)) for orbit in kept}


def theorem_2_relation(H: TypePatterns) -> nx.DiGraph[Component]:
    """Return the relation of Theorem 2 as a graph: C → C' when every θ in C is equivalent to some θ' in C'.

    >>> sorted(theorem_2_relation(TypePatterns([-1, -1, 1])).edges((1, -1)))
    [((1, -1), (-1, 1)), ((1, -1), (1, -1))]
    """
    reached = definition_2_sets(H)
    graph: nx.DiGraph[Component] = nx.DiGraph()
    for component in H.components():
        common = frozenset.intersection(*(eff for eff in reached if component in eff))
        graph.add_edges_from((component, other) for other in common)
    return graph


def theorem_2_classes(H: TypePatterns) -> Iterator[frozenset[Component]]:
    """Generate the classes of Theorem 2's relation, by brute force.

    >>> sorted(map(sorted, theorem_2_classes(TypePatterns([-1, -1]))))
    [[(-1, -1)], [(-1, 1), (1, -1)], [(1, 1)]]
    """
    return map(frozenset, nx.strongly_connected_components(theorem_2_relation(H)))


def closure_classes(H: TypePatterns) -> Iterator[frozenset[Component]]:
    """Generate the classes of the transitive closure, by brute force: components of H(c) linked by common Eff sets.

    >>> list(closure_classes(TypePatterns([-1, 1]))) == [frozenset({(-1,), (1,)})]
    True
    """
    graph: nx.Graph[Component] = nx.Graph()
    graph.add_nodes_from(H.components())
    for eff in definition_2_sets(H):
        nx.add_path(graph, eff)
    return map(frozenset, nx.connected_components(graph))


def permutation_classes(H: TypePatterns) -> Iterator[frozenset[Component]]:
    """Generate the classes of components under permutations alone, by brute force over the group.

    >>> sorted(map(sorted, permutation_classes(TypePatterns([-1, -1, 5]))))
    [[(-1, -1)], [(-1, 1), (1, -1)], [(1, 1)]]
    """
    sheeted = [k for k, sign in enumerate(H.signs) if H.is_two_sheeted(sign)]
    return NeuronPermutations.preserving([H.c[k] for k in sheeted]).orbits()


def _if_one(dimension: Expr, value: Expr) -> Expr:
    """``value`` in dimension 1 (where a sphere is two points), otherwise 1."""
    return sympy.Piecewise((value, sympy.Eq(dimension, 1)), (1, True))
