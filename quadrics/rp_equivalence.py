r"""Which components of H(c) a given parameter reaches by rescaling and permutation: the strong form of Theorem 2.

For d > 1 and e = 1 a component C_s is told apart by the signs of the pathological neurons' output weights; p(s) of them
are positive. Write P(θ) and N(θ) for the numbers of neurons (of all kinds) with a_k > 0 and a_k < 0, and δ_+(θ), δ_-(θ)
for those with w_k = 0 and a_k > 0 or a_k < 0. Then θ in H(c) is equivalent to some θ' in C_s' if and only if

.. math:: \max(\delta_+, l_- - N) \le p(s') \le \min(P, l_- - \delta_-).

Theorem 2 follows: only p(s') = p(s) holds for every θ in C_s. Definition 2's Eff(θ) is the union of the C_s' with p(s')
in that interval. In the other dimensions :func:`equivalence_to` decides by a bipartite matching of neurons and places.

Reference: Nurisso et al. (2024), Definition 2 and Theorem 2, whose printed proof has a gap that this statement closes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import networkx as nx
import sympy

from .components import Component
from .errors import DimensionError, DisconnectedError, RescalingError, ShapeError
from .network import Parameters
from .neuron_types import NeuronType, TypePattern, types_of
from .rescaling import RescalingCase, rescaling_case, rescaling_factor
from .symmetry import RescalingPermutation
from .type_patterns import TypePatterns
from .validation import Expr, as_count, as_dimension

Signs = tuple[int, ...]


def reachable_positive_range(theta: Parameters | Sequence[NeuronType], c: Sequence[object]) -> tuple[int, int]:
    """Return the smallest and the largest p(s') over the components C_s' that θ reaches (e = 1, d > 1 or biases).

    Parameters
    ----------
    theta : exact parameters, or a pattern of neuron types; it need not lie in H(c), a rescaling takes it there
    c : the imbalances, one for each neuron

    Returns
    -------
    (least, most) : every number of positive signs between the two is reached, no other is

    Raises
    ------
    DimensionError
        for e > 1, and for d = 1 without biases, where the signs of w matter too (use :func:`equivalence_to`).
    RescalingError
        if no rescaling and permutation takes θ to H(c) at all.

    Examples
    --------
    >>> from quadrics.neuron_types import I_PLUS, N_MINUS, N_PLUS
    >>> reachable_positive_range([N_PLUS, N_MINUS], c=[-1, 1])
    (0, 1)

    A degenerate neuron is tied to the pathological places, and a layer of pathological ones only permutes its signs:

    >>> reachable_positive_range([I_PLUS, N_MINUS], c=[-1, 1]), reachable_positive_range([N_PLUS, N_MINUS], c=[-1, -1])
    ((1, 1), (1, 1))
    """
    H, pattern = _space(theta, c)
    if H.d_out != 1 or H.d_in == 1:
        raise DimensionError(
            f"theta: got d = {H.d_in} (biases counted), e = {H.d_out}; expected d > 1 and e = 1 "
            "(use equivalence_to, which works in every dimension)"
        )
    positive, negative = (sum(t.a == sign for t in pattern) for sign in (1, -1))
    tied_positive, tied_negative = (sum(t.w == 0 and t.a == sign for t in pattern) for sign in (1, -1))
    least, most = positive_range(positive, negative, tied_positive, tied_negative, H.signs.count(-1))
    return int(least), int(most)


def positive_range(
    positive: object, negative: object, tied_positive: object, tied_negative: object, l_minus: object
) -> tuple[Expr, Expr]:
    """Return the bounds of the strong theorem from numbers of neurons, integers or SymPy symbols.

    Parameters
    ----------
    positive, negative : P and N, the numbers of neurons with a_k > 0 and a_k < 0
    tied_positive, tied_negative : δ_+ and δ_-, how many of them have w_k = 0
    l_minus : the number of pathological places

    Returns
    -------
    (least, most) : the bounds of p(s'), as SymPy expressions

    >>> positive_range(3, 2, 0, 0, l_minus=4)
    (2, 3)
    >>> P, N = sympy.symbols("P N", integer=True)
    >>> positive_range(P, N, 0, 0, l_minus=4)
    (Max(0, 4 - N), Min(4, P))
    """
    P, N, tied_plus, tied_minus, places = (
        as_count(value, name)
        for value, name in (
            (positive, "positive"),
            (negative, "negative"),
            (tied_positive, "tied_positive"),
            (tied_negative, "tied_negative"),
            (l_minus, "l_minus"),
        )
    )
    return sympy.Max(tied_plus, places - N), sympy.Min(P, places - tied_minus)


def reachable_components(theta: Parameters | Sequence[NeuronType], c: Sequence[object]) -> Iterator[Signs]:
    """Generate the components of H(c) that make up Eff(θ) (Definition 2), as sign vectors of the pathological neurons.

    Raises as :func:`reachable_positive_range`.

    >>> from quadrics.neuron_types import N_MINUS, N_PLUS
    >>> list(reachable_components([N_PLUS, N_MINUS, N_MINUS], c=[-1, -1, 1]))
    [(-1, -1), (1, -1), (-1, 1)]
    """
    least, most = reachable_positive_range(theta, c)
    l_minus = TypePatterns(c).signs.count(-1)
    for count in range(least, most + 1):
        for chosen in combinations(range(l_minus), count):
            yield tuple(1 if k in chosen else -1 for k in range(l_minus))


def number_of_reachable_components(theta: Parameters | Sequence[NeuronType], c: Sequence[object]) -> int:
    """Return the number of components in Eff(θ), in closed form: a sum of binomials over the interval.

    Raises as :func:`reachable_positive_range`.

    >>> from quadrics.neuron_types import N_MINUS, N_PLUS
    >>> number_of_reachable_components([N_PLUS] * 100 + [N_MINUS] * 100, c=[-1] * 100 + [1] * 100) == 2**100
    True
    """
    least, most = reachable_positive_range(theta, c)
    l_minus = TypePatterns(c).signs.count(-1)
    return int(sum(sympy.binomial(l_minus, count) for count in range(least, most + 1)))


def reaches(theta: Parameters | Sequence[NeuronType], c: Sequence[object], signs: Sequence[int] | Component) -> bool:
    """Whether θ is equivalent to some point of the component of H(c) with these signs, in every dimension.

    ``signs`` is a :class:`~quadrics.components.Component` or its signs: one for each neuron whose quadric has two
    sheets, in order. For d > 1 and e = 1 that is the paper's s(θ).

    Raises ``ShapeError`` for signs that name no component, ``RescalingError`` if θ reaches no point of H(c).

    >>> from quadrics.neuron_types import N_PLUS
    >>> reaches([N_PLUS, N_PLUS], c=[-1, 1], signs=(1,)), reaches([N_PLUS, N_PLUS], c=[-1, 1], signs=(-1,))
    (True, False)
    """
    H, pattern = _space(theta, c)
    return _placement(H, pattern, _component(H, signs)) is not None


def equivalence_to(theta: Parameters, c: Sequence[object], signs: Sequence[int] | Component) -> RescalingPermutation:
    """Return a rescaling and permutation g that takes θ into the component of H(c) with these signs, exactly.

    Parameters
    ----------
    theta : exact parameters, of any dimensions
    c : the imbalances, one for each neuron
    signs : a component of H(c) or its signs, as for :func:`reaches`

    Raises
    ------
    DisconnectedError
        if θ reaches H(c) but not this component.
    RescalingError
        if no rescaling and permutation takes θ to H(c) at all.
    ShapeError
        for signs that name no component.

    Examples
    --------
    The point that the printed proof of Theorem 2 overlooks: a neuron trades places with a healthy one of other sign.

    >>> from sympy import Rational
    >>> theta = Parameters([[Rational(3, 4), 0], [0, Rational(5, 4)]], [[Rational(5, 4), Rational(-3, 4)]])
    >>> g = equivalence_to(theta, c=[-1, 1], signs=[-1])
    >>> g.perm, g.alpha
    ((1, 0), (5/3, 3/5))
    >>> g(theta).W2
    Matrix([[-5/4, 3/4]])
    >>> equivalence_to(Parameters([[1, 0], [1, 0]], [[2, 2]]), c=[-1, 1], signs=[-1])
    Traceback (most recent call last):
    ...
    quadrics.errors.DisconnectedError: signs: got (-1,); expected a component that theta reaches: its neurons have \
types (N+, N+)
    """
    H, pattern = _space(theta, c)
    component = _component(H, signs)
    perm = _placement(H, pattern, component)
    if perm is None:
        raise DisconnectedError(
            f"signs: got {component}; expected a component that theta reaches: its neurons have types {pattern}"
        )
    alpha = [sympy.Integer(1)] * theta.width
    for place, old in enumerate(perm):
        neuron = theta.neuron(old)
        arguments = (sympy.expand(neuron.input_square), sympy.expand(neuron.output_square), H.c[place])
        if rescaling_case(*arguments) is not RescalingCase.EVERY:
            alpha[old] = rescaling_factor(*arguments)
    return RescalingPermutation(tuple(perm), tuple(alpha))


def _space(theta: Parameters | Sequence[NeuronType], c: Sequence[object]) -> tuple[TypePatterns, TypePattern]:
    """The type patterns of H(c) and the one of θ, checked to be placeable."""
    if isinstance(theta, Parameters):
        H = TypePatterns(c, theta.d_in + theta.has_bias, theta.d_out)
        pattern = types_of(theta) if theta.width == H.width else ()
    else:
        H, pattern = TypePatterns(c), tuple(theta)
        if any(not isinstance(t, NeuronType) for t in pattern):
            raise ShapeError(f"theta: got {theta!r}; expected Parameters or a sequence of NeuronType")
    width = theta.width if isinstance(theta, Parameters) else len(pattern)
    if width != H.width:
        raise ShapeError(f"c: got {H.width} imbalances; expected {width}, one for each neuron")
    if not H.can_place(pattern):
        raise RescalingError(
            f"theta: got neurons of types {pattern} and signs {H.signs} of c; expected no more degenerate neurons of "
            "a kind than places that fit them (w = 0 needs c < 0, a = 0 needs c > 0, both need c = 0)"
        )
    return H, pattern


def _component(H: TypePatterns, given: Sequence[int] | Component) -> Signs:
    signs = given.signs if isinstance(given, Component) else given
    wanted = tuple(as_dimension(s, "signs", -1, 1) for s in signs)
    count = sum(map(H.is_two_sheeted, H.signs))
    if len(wanted) != count or 0 in wanted:
        raise ShapeError(
            f"signs: got {tuple(signs)}; expected {count} entries 1 or -1, one for each two-sheeted quadric"
        )
    return wanted


def _placement(H: TypePatterns, pattern: TypePattern, component: Signs) -> list[int] | None:
    """A permutation that places neuron perm[k] at k so that the pattern lies in the component, or None."""
    remaining = iter(component)
    graph: nx.Graph[tuple[str, int]] = nx.Graph()
    places = [("place", k) for k in range(H.width)]
    graph.add_nodes_from(places)
    for k, sign in enumerate(H.signs):
        wanted = next(remaining) if H.is_two_sheeted(sign) else None
        for old, t in enumerate(pattern):
            if t.fits(sign) and (wanted is None or wanted == (t.a if sign < 0 else t.w)):
                graph.add_edge(("place", k), ("neuron", old))
    matching = nx.bipartite.hopcroft_karp_matching(graph, places)
    if not all(place in matching for place in places):
        return None
    return [matching[place][1] for place in places]
