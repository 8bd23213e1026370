r"""Groups acting on the weights of deep networks; stabilizers; how many components an orbit has.

On weights W = (W_1, ..., W_l) the group :math:`GL_{h_1} \times \cdots \times GL_{h_{l-1}}` of basis changes between
the layers acts by

.. math:: g \cdot W = (g_1 W_1,\; g_2 W_2 g_1^{-1},\; \dots,\; W_l g_{l-1}^{-1})

(section 4.1 of Zhao et al., 2024). It keeps the product W_l ... W_1; permutations of hidden neurons are the elements
that every network allows, positive rescalings those of networks with homogeneous activations.

For a Lie group G with countably many components the orbit of x is the manifold G / Stab(x), and so

.. math:: |\pi_0(G x)| = |\pi_0(G) / \operatorname{im} \pi_0(\operatorname{Stab} x)|,

which sharpens the bound :math:`|\pi_0(G x)| \le |\pi_0(G)|` of Corollary 3.6.

>>> W = [sympy.Matrix([[1, 2], [3, 4]]), sympy.Matrix([[0, 1], [1, 1]])]
>>> swap = sympy.Matrix([[0, 1], [1, 0]])
>>> moved = act([swap], W)
>>> moved[1] * moved[0] == W[1] * W[0]
True
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import sympy
from sympy.combinatorics import Permutation, PermutationGroup

from ..errors import ShapeError, SymmetryError
from ..symmetry import permutation_matrix, positive_factors
from ..validation import Matrix, as_dimension, as_real


def act(g: Sequence[Any], weights: Sequence[Any]) -> tuple[Any, ...]:
    """Return g·W for one matrix between each two layers; explicit matrices, or matrix symbols of symbolic size.

    Raises
    ------
    ShapeError
        if there is not one matrix for each hidden layer, of its width.
    SymmetryError
        if a matrix of numbers is singular.

    Examples
    --------
    >>> act([sympy.Matrix([[2]])], [sympy.Matrix([[3]]), sympy.Matrix([[5]])])
    (Matrix([[6]]), Matrix([[5/2]]))
    >>> act([sympy.Matrix([[0]])], [sympy.Matrix([[3]]), sympy.Matrix([[5]])])
    Traceback (most recent call last):
    ...
    quadrics.errors.SymmetryError: g_1: got a singular matrix; expected an invertible one
    """
    if len(g) != len(weights) - 1:
        raise ShapeError(f"g: got {len(g)} matrices; expected {len(weights) - 1}, one between each two layers")
    for i, (one, W) in enumerate(zip(g, weights, strict=False), start=1):
        if one.shape != (W.shape[0], W.shape[0]):
            raise ShapeError(f"g_{i}: got shape {one.shape}; expected {(W.shape[0], W.shape[0])}")
        if isinstance(one, sympy.MatrixBase) and one.det().is_zero:
            raise SymmetryError(f"g_{i}: got a singular matrix; expected an invertible one")
    inverses = [one.inv() for one in g]
    left = [one * W for one, W in zip(g, weights, strict=False)] + [weights[-1]]
    return (left[0], *(W * below for W, below in zip(left[1:], inverses, strict=True)))


def connecting_element(start: Sequence[Any], end: Sequence[Any]) -> tuple[Any, ...]:
    """Return the g with g·start = end on all layers but the last: g_1 = W'_1 W_1^{-1}, g_i = W'_i g_{i-1} W_i^{-1}.

    It exists, and is the only one, for square invertible weights; the last layers agree when the products do. So the
    action on the minimum of :class:`~quadrics.connectivity.linear_networks.LinearNetwork` is transitive and free.

    >>> W, V = ([sympy.Matrix([[a]]) for a in pair] for pair in ((2, 3), (5, sympy.Rational(6, 5))))
    >>> act(connecting_element(W, V), W) == tuple(V)
    True
    """
    g: list[Any] = []
    for i, (W, V) in enumerate(zip(start[:-1], end[:-1], strict=True)):
        g.append(V * W.inv() if i == 0 else V * g[-1] * W.inv())
    return tuple(g)


def permutation_element(permutations: Sequence[Any]) -> tuple[Matrix, ...]:
    """Return the permutation matrices of the hidden layers as an element of the group of basis changes.

    >>> permutation_element([[1, 0]])
    (Matrix([
    [0, 1],
    [1, 0]]),)
    """
    return tuple(permutation_matrix(one) for one in permutations)


def rescale_layers(weights: Sequence[Any], layer: int, factor: Any, degree: object = 1) -> tuple[Any, ...]:
    """Return the weights with W_i times m > 0 and W_{i+1} times m^{-k}, for a homogeneous activation of degree k.

    ``layer`` is the i of the paper, from 1 to l - 1. Raises ``SymmetryError`` for a factor that is not positive,
    ``DimensionError`` for a layer without a next one.

    >>> rescale_layers([sympy.Matrix([[3]]), sympy.Matrix([[5]])], 1, 2, degree=2)
    (Matrix([[6]]), Matrix([[5/4]]))
    """
    i = as_dimension(layer, "layer", 1, len(weights) - 1) - 1
    (m,) = positive_factors([factor], 1)
    power = as_real(degree, "degree")
    return (*weights[:i], m * weights[i], m ** (-power) * weights[i + 1], *weights[i + 2 :])


def stabilizer_dimension(weights: Sequence[Matrix]) -> int:
    """Return the dimension of the stabilizer of W: the g with g·W = W.

    These are linear equations in g: g_1 W_1 = W_1, g_i W_i = W_i g_{i-1}, W_l = W_l g_{l-1}. Near the identity every
    solution is invertible, so the stabilizer is an open part of an affine space of that dimension; it is 0 exactly
    when the action is free at W.

    >>> stabilizer_dimension([sympy.eye(2), sympy.Matrix([[1, 2], [3, 4]])])
    0
    >>> stabilizer_dimension([sympy.Matrix([[1, 0], [0, 0]]), sympy.Matrix([[1, 0], [0, 0]])])
    1
    """
    for below, above in pairwise(weights):
        if below.shape[0] != above.shape[1]:
            raise ShapeError(f"weights: got shapes {[W.shape for W in weights]}; expected a chain of layers")
    widths = [W.shape[0] for W in weights[:-1]]
    g = [sympy.Matrix(h, h, lambda i, j, k=k: sympy.Symbol(f"g{k}_{i}_{j}")) for k, h in enumerate(widths)]
    unknowns = [entry for one in g for entry in one]
    if not unknowns:
        return 0
    ends = [sympy.eye(weights[0].shape[1]), *g, sympy.eye(weights[-1].shape[0])]
    equations = [
        entry for W, before, after in zip(weights, ends[:-1], ends[1:], strict=True) for entry in after * W - W * before
    ]
    linear = sympy.Matrix(equations).jacobian(unknowns)
    return int(len(unknowns) - linear.rank())


def orbit_components(group: PermutationGroup, stabilizer: Iterable[Permutation]) -> int:
    r"""Return the number :math:`|\pi_0(G)/\operatorname{im} \pi_0(\mathrm{Stab})|` of components of an orbit.

    Parameters
    ----------
    group : π_0(G) as a finite permutation group
    stabilizer : elements of it that generate the image of π_0(Stab)

    Raises
    ------
    SymmetryError
        for a generator that is not in the group.

    Examples
    --------
    The circle is an orbit of O(2), with a reflection as stabilizer; R without 0 is an orbit of GL_1, with none:

    >>> two = sign_group(1)
    >>> orbit_components(two, two.generators), orbit_components(two, [])
    (1, 2)
    """
    generators = list(stabilizer)
    for one in generators:
        if one not in group:
            raise SymmetryError(f"stabilizer: got {one}; expected elements of the group of components")
    subgroup = PermutationGroup(generators) if generators else PermutationGroup([Permutation(group.degree - 1)])
    return int(group.order() // subgroup.order())


def sign_group(factors: object) -> PermutationGroup:
    """Return (Z/2)^n, the group of components of GL_{h_1} x ... x GL_{h_n}: factor k flips the points 2k, 2k+1.

    >>> sign_group(3).order()
    8
    """
    n = as_dimension(factors, "number of factors", 0, 64)
    flips = [Permutation([(2 * k, 2 * k + 1)], size=2 * n) for k in range(n)]
    return PermutationGroup(flips) if flips else PermutationGroup([Permutation(0)])


def is_action(elements: Sequence[Any], multiply: Any, move: Any, points: Sequence[Any], identity: Any) -> bool:
    """Whether 1·x = x and (a b)·x = a·(b·x) for all of these elements and points.

    >>> is_action(range(4), lambda a, b: (a + b) % 4, lambda a, x: (a + x) % 4, range(4), 0)
    True
    >>> is_action(range(4), lambda a, b: (a + b) % 4, lambda a, x: (a * x) % 4, range(4), 0)
    False
    """
    neutral = all(move(identity, x) == x for x in points)
    return neutral and all(
        move(multiply(a, b), x) == move(a, move(b, x)) for a in elements for b in elements for x in points
    )
