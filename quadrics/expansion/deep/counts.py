r"""Expansions of deep networks: products over the hidden layers (section 5 of Şimşek et al., 2021).

A configuration of a deep network is one configuration a hidden layer; the counts multiply.

>>> number_of_subspaces([1, 2], [2, 3]), number_of_critical_subspaces([1, 2], [2, 3])
(36, 6)
>>> is_connected([2, 2], [3, 3]), number_of_components([2, 2], [3, 2])
(True, 2)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod

from sympy import Rational

from ...errors import ShapeError
from ...validation import as_dimension
from ..asymptotics import level_ratio
from ..configurations import Configuration
from ..counts import G, T
from ..enumeration import affine_subspaces
from ..enumeration import critical_subspaces as critical_subspaces_of_layer
from ..intersections import number_of_components as components_of_layer
from ..sizes import MAX_LISTED, as_expansion, refuse_listing


def number_of_subspaces(r: Sequence[object], m: Sequence[object]) -> int:
    r"""Return :math:`\prod_l T(r_l, m_l)`.

    Raises
    ------
    ShapeError
        unless r and m have one entry a hidden layer.
    DimensionError
        if r_l > m_l somewhere.

    Examples
    --------
    >>> number_of_subspaces([3], [4]) == T(3, 4)
    True
    >>> number_of_subspaces([1, 2], [2])
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: widths: got 2 narrow and 1 wide ones; expected one of each for every hidden layer
    """
    return prod(T(a, b) for a, b in _layers(r, m))


def number_of_critical_subspaces(r: Sequence[object], m: Sequence[object]) -> int:
    r"""Return :math:`\prod_l G(r_l, m_l)`.

    >>> number_of_critical_subspaces([1, 2], [3, 5]) == G(1, 3) * G(2, 5)
    True
    """
    return prod(G(a, b) for a, b in _layers(r, m))


def subspaces(
    r: Sequence[object], m: Sequence[object], most: int | None = MAX_LISTED
) -> Iterator[tuple[Configuration, ...]]:
    """Generate all tuples of configurations, one a hidden layer.

    >>> len(list(subspaces([1, 2], [2, 3]))) == number_of_subspaces([1, 2], [2, 3])
    True

    Raises ``DimensionError`` if there are more than ``most``.
    """
    layers = _layers(r, m)
    refuse_listing("subspaces", number_of_subspaces(r, m), most, "count with number_of_subspaces")
    return product(*(list(affine_subspaces(a, b)) for a, b in layers))


def critical_subspaces(
    r: Sequence[object], m: Sequence[object], most: int | None = MAX_LISTED
) -> Iterator[tuple[Configuration, ...]]:
    """Generate all tuples of configurations without zero-type groups, one a hidden layer.

    >>> len(list(critical_subspaces([1, 2], [3, 3]))) == number_of_critical_subspaces([1, 2], [3, 3])
    True

    Raises ``DimensionError`` if there are more than ``most``.
    """
    layers = _layers(r, m)
    refuse_listing(
        "critical_subspaces", number_of_critical_subspaces(r, m), most, "count with number_of_critical_subspaces"
    )
    return product(*(list(critical_subspaces_of_layer(a, b)) for a, b in layers))


def number_of_components(r: Sequence[object], m: Sequence[object]) -> int:
    """Return the number of connected components: r_l! for every layer without an extra neuron, multiplied.

    >>> number_of_components([2, 3, 4], [2, 3, 5])
    12
    """
    return prod(components_of_layer(a, b) for a, b in _layers(r, m))


def is_connected(r: Sequence[object], m: Sequence[object]) -> bool:
    """Whether the expansion is connected: every hidden layer has an extra neuron, or a single one.

    >>> is_connected([2, 1], [3, 1]), is_connected([2, 2], [3, 2])
    (True, False)
    """
    return number_of_components(r, m) == 1


def level_ratio_power(k: object, r_star: object, m: object, layers: object) -> Rational:
    """Return R_k(r*, m)^(L-1), the ratio for level k in each of ``layers`` = L - 1 hidden layers of equal widths.

    >>> level_ratio_power(1, 3, 4, layers=2)
    49/900
    """
    return level_ratio(k, r_star, m) ** as_dimension(layers, "layers", 1)


def all_levels_ratio(r_star: object, m: object, layers: object) -> Rational:
    """Return (Σ_{k≥0} R_k)^(L-1) - R_0^(L-1), the ratio for all mixed levels with a_k = 1 (the level 0 alone left out).

    A layer may keep its r* neurons while another loses some; these critical points are missing in R_k^(L-1).

    >>> all_levels_ratio(3, 4, layers=1) == level_ratio(1, 3, 4) + level_ratio(2, 3, 4)
    True
    """
    r, n = as_dimension(r_star, "r_star", 2), as_dimension(layers, "layers", 1)
    ratios = [level_ratio(k, r, m) for k in range(r)]
    return sum(ratios, Rational(0)) ** n - ratios[0] ** n


def _layers(r: Sequence[object], m: Sequence[object]) -> list[tuple[int, int]]:
    if len(r) != len(m):
        raise ShapeError(
            f"widths: got {len(r)} narrow and {len(m)} wide ones; expected one of each for every hidden layer"
        )
    return [as_expansion(a, b) for a, b in zip(r, m, strict=True)]
