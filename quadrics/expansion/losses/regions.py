r"""Replicant regions (Definition B.1): where the units stand in a given lexicographic order.

:math:`R_\pi = \{\theta : \theta_{\pi(1)} \ge \dots \ge \theta_{\pi(m)}\}`. In one dimension the symmetry subspaces are
walls between them; in more dimensions a path can go around.

A permutation can act in two ways. The paper's :math:`(P_\pi \theta)_i = \theta_{\pi(i)}` looks up where a unit comes
from, and takes :math:`R_0` to :math:`R_{\pi^{-1}}`; :func:`send_units` says where it goes, and takes :math:`R_0` to
:math:`R_\pi`. Indices start at 0.

>>> theta, pi = [[3], [2], [1]], (1, 2, 0)
>>> region_of(theta), region_of(permute_units(theta, pi)), region_of(send_units(theta, pi))
((0, 1, 2), (2, 0, 1), (1, 2, 0))
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cmp_to_key
from itertools import combinations, count, pairwise, permutations, product
from typing import Any

import sympy

from ...errors import DisconnectedError, NonFiniteError, ShapeError, SymmetryError
from ...symmetry import as_permutation, inverse_permutation
from ...validation import Matrix, as_dimension, as_matrix
from .symmetric import permute_units

Permutation = tuple[int, ...]


def compose(outer: Any, inner: Any) -> Permutation:
    """Return ``outer ∘ inner``, the permutation i ↦ outer(inner(i)).

    >>> compose((1, 2, 0), (1, 0, 2))
    (2, 1, 0)
    """
    first = as_permutation(inner, len(inner))
    second = as_permutation(outer, len(first))
    return tuple(second[i] for i in first)


def send_units(theta: Any, perm: Any) -> Matrix:
    """Return θ with unit i moved to place π(i): the other convention, which is P of the inverse permutation.

    >>> send_units([[10], [20], [30]], [1, 2, 0]).T
    Matrix([[30, 10, 20]])
    """
    matrix = as_matrix(theta, "theta")
    return permute_units(matrix, inverse_permutation(perm, matrix.rows))


def in_region(theta: Any, perm: Any) -> bool:
    """Whether θ lies in R_π: its units, in the order π(1), π(2), ..., decrease or stay equal lexicographically.

    >>> in_region([[1], [2]], (1, 0)), in_region([[1], [2]], (0, 1)), in_region([[2], [2]], (0, 1))
    (True, False, True)
    """
    matrix = _exact(theta)
    order = as_permutation(perm, matrix.rows)
    return all(_compare(matrix, i, j) >= 0 for i, j in pairwise(order))


def region_of(theta: Any) -> Permutation:
    """Return the π with θ in R_π.

    Raises
    ------
    SymmetryError
        when units coincide: then there are several (:func:`regions_of`).

    Examples
    --------
    >>> region_of([[1, 5], [1, 6], [0, 9]])
    (1, 0, 2)
    """
    found = list(regions_of(theta))
    if len(found) > 1:
        raise SymmetryError(f"theta: got equal units, in {len(found)} regions; expected distinct ones (see regions_of)")
    return found[0]


def regions_of(theta: Any) -> Iterator[Permutation]:
    """Yield every π with θ in R_π: one for distinct units, otherwise one for each way to order equal units.

    >>> list(regions_of([[2], [2], [5]]))
    [(2, 0, 1), (2, 1, 0)]
    """
    matrix = _exact(theta)
    as_dimension(matrix.rows, "units", maximum=9)

    def before(i: int, j: int) -> int:
        return _compare(matrix, j, i)

    order = sorted(range(matrix.rows), key=cmp_to_key(before))
    groups: list[list[int]] = []
    for i in order:
        if groups and _compare(matrix, groups[-1][0], i) == 0:
            groups[-1].append(i)
        else:
            groups.append([i])
    for choice in product(*(permutations(group) for group in groups)):
        yield tuple(i for group in choice for i in group)


def image_of_region(perm: Any, region: Any) -> Permutation:
    """Return the τ with P_π R_ρ = R_τ, for the paper's action P: τ = π⁻¹ ∘ ρ.

    >>> image_of_region((1, 2, 0), (0, 1, 2))
    (2, 0, 1)
    """
    return compose(inverse_permutation(perm, len(region)), region)


def crossings(start: Any, end: Any) -> list[tuple[int, int]]:
    """Return the pairs i < j with H_ij on the segment between two points, exactly.

    >>> crossings([[0], [1]], [[1], [0]]), crossings([[0, 0], [1, 0]], [[1, 0], [0, 1]])
    ([(0, 1)], [])
    """
    p, q = _exact(start), _exact(end)
    if p.shape != q.shape:
        raise ShapeError(f"points: got shapes {p.shape} and {q.shape}; expected one shape")
    return [
        pair
        for pair in combinations(range(p.rows), 2)
        if _meets_zero(*(x.row(pair[0]) - x.row(pair[1]) for x in (p, q)))
    ]


def path_around(start: Any, end: Any) -> list[Matrix]:
    """Return the corners of a path of at most two segments that meets no symmetry subspace.

    For D > 1 there is one between any two points of distinct units: the middle corners that do not do lie in finitely
    many proper subspaces, and a curve of independent points leaves them all.

    Raises
    ------
    SymmetryError
        if an end lies on a symmetry subspace.
    DisconnectedError
        for D = 1 and different regions: every path crosses some H_ij, where θ_i - θ_j changes sign.

    Examples
    --------
    >>> path = path_around([[0, 0], [1, 0]], [[1, 0], [0, 0]])
    >>> len(path), [crossings(a, b) for a, b in zip(path, path[1:])]
    (3, [[], []])
    >>> path_around([[0], [1]], [[1], [0]])
    Traceback (most recent call last):
    ...
    quadrics.errors.DisconnectedError: points: got the regions (1, 0) and (0, 1); every path in one dimension crosses \
a symmetry subspace between them
    """
    p, q = _exact(start), _exact(end)
    direct = crossings(p, q)
    for name, point in (("start", p), ("end", q)):
        if crossings(point, point):
            raise SymmetryError(f"{name}: got equal units {crossings(point, point)}; expected distinct units")
    if not direct:
        return [p, q]
    if p.cols == 1:
        raise DisconnectedError(
            f"points: got the regions {region_of(p)} and {region_of(q)}; every path in one dimension crosses a "
            "symmetry subspace between them"
        )
    for t in count(1):  # a polynomial that is not zero has finitely many roots, so this ends
        powers = [sympy.Integer(t) ** k for k in range(p.rows * p.cols)]
        middle = sympy.ImmutableDenseMatrix(p.rows, p.cols, powers)
        if not crossings(p, middle) and not crossings(middle, q):
            return [p, middle, q]
    raise AssertionError("unreachable")


def _meets_zero(u: Matrix, v: Matrix) -> bool:
    """Whether the segment from u to v meets the origin: u and v point in opposite directions, or one is zero."""
    parallel = all(sympy.expand(u[a] * v[b] - u[b] * v[a]) == 0 for a, b in combinations(range(u.cols), 2))
    return parallel and bool((u * v.T)[0] <= 0)


def _exact(theta: Any) -> Matrix:
    matrix = as_matrix(theta, "theta")
    if matrix.has(sympy.Float) or not all(entry.is_number for entry in matrix):
        raise NonFiniteError("theta: got floats or symbols; expected exact numbers, whose order can be decided")
    return matrix


def _compare(matrix: Matrix, i: int, j: int) -> int:
    """1, 0 or -1: unit i is lexicographically greater than unit j, equal, or less."""
    for a, b in zip(matrix.row(i), matrix.row(j), strict=True):
        if a != b and not (a - b).equals(0):
            return 1 if a > b else -1
    return 0
