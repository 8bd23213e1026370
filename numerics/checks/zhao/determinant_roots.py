"""Segments of matrices that are safely invertible, and the classes of random matrices that such segments join.

Signs of determinants at points of a segment say nothing of what lies between them. With C = A⁻¹(B - A),
det((1-t)A + tB) = det A det(I + tC) vanishes exactly where -1/t is an eigenvalue of C.
"""

from __future__ import annotations

import networkx as nx
import torch
from torch import Tensor

EPS = torch.finfo(torch.float64).eps


def safe_segments(A: Tensor, B: Tensor) -> Tensor:
    """Whether each segment from A (..., n, n) to B stays away from singular matrices, rounding allowed for.

    The computed eigenvalues are those of C + E with |E| <= margin = 8 n cond(A) eps |C| (solving with A, then a
    backward stable eigenvalue routine). A root t in (0, 1] is an eigenvalue -1/t on the ray (-∞, -1]. An
    eigenvalue moves by at most (4 |C|)^(1-1/n) margin^(1/n) (Elsner's bound): a segment counts as safe when each is
    farther from the ray.
    A segment that is not safe is not joined, so that classes are never merged by mistake.

    >>> A = torch.eye(2, dtype=torch.float64)
    >>> safe_segments(A, 3 * A).item(), safe_segments(A, -A).item()
    (True, False)
    """
    n = A.shape[-1]
    C = torch.linalg.solve(A, B - A)
    size = torch.linalg.matrix_norm(C, 2)
    margin = 8 * n * torch.linalg.cond(A) * EPS * size
    moved = (4 * size).pow(1 - 1 / n) * margin.pow(1 / n)
    values = torch.linalg.eigvals(C)
    left, height = values.real, values.imag.abs()
    distance = torch.where(left <= -1, height, torch.hypot(left + 1, height))
    safe: Tensor = (distance > moved[..., None]).all(-1)
    return safe


def classes(points: Tensor) -> Tensor:
    """Return (N,): the class of each of N tuples of matrices (N, k, n, n), joined where all k segments are safe.

    >>> g = torch.tensor([1.0, 2.0, -1.0], dtype=torch.float64).reshape(3, 1, 1, 1)
    >>> classes(g).tolist()
    [0, 0, 1]
    """
    number = points.shape[0]
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(number))
    for i in range(number - 1):
        rest = points[i + 1 :]
        joined = safe_segments(points[i].expand_as(rest), rest).all(1)
        graph.add_edges_from((i, i + 1 + int(j)) for j in joined.nonzero())
    found = torch.empty(number, dtype=torch.long)
    for k, part in enumerate(sorted(nx.connected_components(graph), key=min)):
        found[sorted(part)] = k
    return found
