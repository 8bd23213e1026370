r"""Minima of linear networks up to permutation of the hidden neurons (Zhao et al., section 5.1).

Permuting hidden neurons is the action of permutation matrices,

.. math:: (P_1 W_1,\; P_2 W_2 P_1^{-1},\; \dots,\; W_l P_{l-1}^{-1}).

(Proposition 5.2 prints :math:`(W_1 P_1, P_1^{-1} W_2 P_2, \dots, P_{l-1} W_l)`, which does not keep the loss: it suits
weights that multiply from the right.) A permutation of layer i multiplies det W_i and det W_{i+1} by its sign, so that
for h >= 2 the permutations reach every component: some tuple connects any two minima, in exactly
:math:`(h!/2)^{l-1}` of :math:`(h!)^{l-1}` cases. For h = 1 there is nothing to permute.

>>> number_of_effective_components(2, [2, 2]), number_of_effective_components(1, [1, 1])
(1, 4)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import permutations, product
from math import factorial

from ..errors import DimensionError, DisconnectedError
from ..orbits import orbits_under
from ..validation import Matrix, as_dimension
from .factorizations import number_of_factorizations
from .group_actions import act, permutation_element
from .linear_networks import LinearNetwork, Signs, Weights

Permutations = tuple[tuple[int, ...], ...]

MOST_TUPLES = 2**16


def permute_neurons(weights: Sequence[Matrix], chosen: Sequence[Sequence[int]]) -> Weights:
    """Return (P_1 W_1, P_2 W_2 P_1^{-1}, ..., W_l P_{l-1}^{-1}); neuron i of the result is neuron π(i) of the given.

    Raises ``ShapeError`` or ``SymmetryError`` if there is not one permutation for each hidden layer.

    >>> import sympy
    >>> permute_neurons([sympy.Matrix([1, 2]), sympy.Matrix([[3, 4]])], [[1, 0]])
    (Matrix([
    [2],
    [1]]), Matrix([[4, 3]]))
    """
    return act(permutation_element(chosen), weights)


def printed_permutation(weights: Sequence[Matrix], chosen: Sequence[Sequence[int]]) -> Weights:
    """Return (W_1 P_1, P_1^{-1} W_2 P_2, ..., P_{l-1}^{-1} W_l), the tuple that Proposition 5.2 prints.

    (The inverses that the print leaves out are put in.) It keeps the product W_1 W_2 ... W_l, not W_l ... W_1.
    """
    P = permutation_element(chosen)
    inner = [before.T * W * after for before, W, after in zip(P[:-1], weights[1:-1], P[1:], strict=True)]
    return (weights[0] * P[0], *inner, P[-1].T * weights[-1])


def aligning_permutations(network: LinearNetwork, start: Sequence[object], end: Sequence[object]) -> Permutations:
    """Return permutations of the hidden neurons of ``start`` that lead into the component of ``end`` (Proposition 5.2).

    The identity or the exchange of the first two neurons in each layer, chosen from the first layer up.

    Raises
    ------
    OffManifoldError
        if the loss is not zero at one of the points.
    DisconnectedError
        for width 1 and points of different components.

    Examples
    --------
    >>> import sympy
    >>> network = LinearNetwork([[1, 0], [0, 1]], [[-1, 0], [0, 1]], depth=2)
    >>> start, end = [[[1, 0], [0, 1]], [[-1, 0], [0, 1]]], [[[-1, 0], [0, 1]], [[1, 0], [0, 1]]]
    >>> aligning_permutations(network, start, end)
    ((1, 0),)
    >>> aligning_permutations(LinearNetwork([[1]], [[1]], depth=2), [[[1]], [[1]]], [[[-1]], [[-1]]])
    Traceback (most recent call last):
    ...
    quadrics.errors.DisconnectedError: width 1: got points of the components (1,) and (-1,); expected one component (a \
single neuron leaves nothing to permute)
    """
    first, second = network.component_of(start), network.component_of(end)
    h, chosen, below = network.width, [], 1
    if h == 1 and first != second:
        raise DisconnectedError(
            f"width 1: got points of the components {first} and {second}; expected one component (a single neuron "
            "leaves nothing to permute)"
        )
    for sign, wanted in zip(first, second, strict=True):
        even = sign * wanted * below > 0  # det of P_i g_i P_{i-1}^{-1} is to have the wanted sign
        chosen.append(tuple(range(h)) if even else (1, 0, *range(2, h)))
        below = 1 if even else -1
    return tuple(chosen)


def all_aligning_permutations(
    network: LinearNetwork, start: Sequence[object], end: Sequence[object]
) -> Iterator[Permutations]:
    """Generate every tuple of permutations that leads from ``start`` into the component of ``end``, by trying all.

    Raises ``DimensionError`` for more than 2^16 tuples.

    >>> identity = [[[1, 0], [0, 1]]] * 3
    >>> network = LinearNetwork([[1, 0], [0, 1]], [[1, 0], [0, 1]], depth=3)
    >>> found = list(all_aligning_permutations(network, identity, identity))
    >>> len(found) == number_of_aligning_tuples(2, 3)
    True
    """
    h, l = network.width, network.depth
    if factorial(h) ** (l - 1) > MOST_TUPLES:
        raise DimensionError(f"permutations: got ({h}!)^{l - 1} tuples; expected at most {MOST_TUPLES} to try")
    weights, wanted = network.weights(start), network.component_of(end)
    network.component_of(start)
    for chosen in product(permutations(range(h)), repeat=l - 1):
        if network.component_of(permute_neurons(weights, chosen)) == wanted:
            yield chosen


def number_of_aligning_tuples(width: object, depth: object) -> int:
    """Return (h!/2)^{l-1}, the number of tuples that connect two given minima, for h >= 2: half of each layer's.

    Raises ``DimensionError`` for width 1, where it is 1 or 0.

    >>> number_of_aligning_tuples(3, 3)
    9
    """
    h, l = as_dimension(width, "width", 2), as_dimension(depth, "depth", 1)
    return int((factorial(h) // 2) ** (l - 1))


def effective_components(rank: object, widths: Iterable[object]) -> Iterator[frozenset[Signs]]:
    """Generate the components of {W_l ... W_1 = A} modulo permutations of hidden neurons: orbits on sign vectors.

    The component of W is the vector of signs of det E_i at the hidden layers of width r = rank A
    (:mod:`.factorizations`); a transposition of such a layer sends E_i to P E_i and flips its sign alone.

    Raises ``DimensionError`` for a hidden width below the rank, or more than 16 bottlenecks.

    >>> [sorted(orbit) for orbit in effective_components(2, [2, 3])]
    [[(-1,), (1,)]]
    >>> len(list(effective_components(1, [1, 1])))
    4
    """
    listed = list(widths)
    number_of_factorizations(rank, listed)
    r = as_dimension(rank, "rank", 0)
    bottlenecks = as_dimension(sum(1 for h in listed if h == r), "number of hidden widths equal to the rank", 0, 16)
    # A layer of one neuron has no transposition.
    moves = [partial(_flip, i) for i in range(bottlenecks)] if r > 1 else []
    return orbits_under(moves, product((-1, 1), repeat=bottlenecks))


def number_of_effective_components(rank: object, widths: Iterable[object]) -> int:
    """Return the number of components modulo permutations of hidden neurons: 1 for r >= 2, all 2^b for r = 1.

    Raises ``DimensionError`` for a hidden width below the rank.

    >>> number_of_effective_components(3, [3] * 40)
    1
    >>> number_of_effective_components(1, [1, 1]) == len(list(effective_components(1, [1, 1])))
    True
    """
    count = number_of_factorizations(rank, widths)
    return count if as_dimension(rank, "rank", 0) <= 1 else 1


def _flip(i: int, signs: Signs) -> Signs:
    return (*signs[:i], -signs[i], *signs[i + 1 :])


def joined_by(network: LinearNetwork, g: Matrix, start: Sequence[object], end: Sequence[object]) -> bool:
    """Whether g·start lies in the component of end, for two layers (Lemma 5.1 says so when det g < 0).

    >>> network = LinearNetwork([[1]], [[1]], depth=2)
    >>> import sympy
    >>> joined_by(network, sympy.Matrix([[-3]]), [[[1]], [[1]]], [[[-1]], [[-1]]])
    True
    """
    as_dimension(network.depth, "depth", 2, 2)
    return network.component_of(act([g], network.weights(start))) == network.component_of(end)
