"""What a sample says of the topology: components by union-find, Betti numbers by persistent homology."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from proofs import Skipped
from quadrics.errors import DimensionError

from .sampling import Net

MOST_PAIRS = 20_000_000
"""A pair takes some twenty bytes."""

__all__ = ["count_components", "sampled_betti_numbers"]


def count_components(net: Net) -> int:
    """Return the number of clusters of samples joined at the net's linking distance.

    It is at most the number of components of the set; it is that number when components are farther apart than the
    linking distance, which the caller has to know.

    Raises ``DimensionError`` for so many pairs of linked samples that memory would end.

    >>> import torch
    >>> count_components(Net(torch.tensor([[0.0], [1.0], [5.0]]), 0.5, 1.5))
    2
    """
    points = net.points.numpy()
    tree = cKDTree(points)
    number_of_pairs = int(tree.count_neighbors(tree, net.link))
    if number_of_pairs > MOST_PAIRS:
        raise DimensionError(
            f"net: got {number_of_pairs} pairs of linked samples; expected at most {MOST_PAIRS} (take fewer samples)"
        )
    pairs = tree.query_pairs(net.link, output_type="ndarray")
    ones = np.ones(len(pairs), dtype=np.int8)
    graph = coo_matrix((ones, (pairs[:, 0], pairs[:, 1])), shape=(len(points), len(points)))
    number, _ = connected_components(graph, directed=False)
    return int(number)


def sampled_betti_numbers(net: Net, weak_feature_size: float) -> list[int]:
    r"""Return the Betti numbers (coefficients in GF(2)) of the compact set that the net covers.

    If a sample has Hausdorff distance less than ε from a compact set whose weak feature size exceeds 4ε, then β_i of
    the set is the rank of the map in homology from the union of ε-balls around the samples to that of 3ε-balls: the
    number of bars of the alpha filtration that are born by ε and die after 3ε.

    Args:
        weak_feature_size: the smallest positive critical value of the distance from the set. For the part
            \|y\| <= R of Q(c), c ≠ 0, it is √|c|, and for products the smallest of the factors'.

    Raises:
        DimensionError: the net is too coarse for the weak feature size.
        Skipped: gudhi is not installed (the extra ``topology``).

    References: D. Cohen-Steiner, H. Edelsbrunner, J. Harer, "Stability of persistence diagrams" (2007), homology
    inference; F. Chazal, A. Lieutier, "Weak feature size and persistent homology" (2005).
    """
    reach = net.cover
    if 4 * reach >= weak_feature_size:
        raise DimensionError(
            f"net: got samples up to {reach:.3g} away; expected less than a quarter of the weak feature size "
            f"{weak_feature_size:.3g} (take smaller cells)"
        )
    gudhi = _gudhi()
    points = net.points.numpy()
    tree = gudhi.AlphaComplex(points=points).create_simplex_tree()
    tree.compute_persistence(homology_coeff_field=2, persistence_dim_max=True)
    numbers = []
    for degree in range(points.shape[1]):
        bars = tree.persistence_intervals_in_dimension(degree)
        # The alpha filtration carries squared radii.
        numbers.append(sum(1 for born, dies in bars if born <= reach**2 and dies > (3 * reach) ** 2))
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return numbers


def _gudhi() -> Any:
    try:
        import gudhi
    except ImportError as error:
        raise Skipped("gudhi is not installed; pip install 'quadrics[topology]' for persistent homology") from error
    return gudhi
