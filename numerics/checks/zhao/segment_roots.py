"""Segments of weights along which a residual block is safely invertible, and the classes that such segments join.

Along a segment of weights det(W_j ... W_1 + ε I) is a polynomial of degree d in t, fixed by its values at d + 1 times.
Its coefficients in Bernstein's basis of an interval bound it there: when all have one sign, and none is within
rounding of zero, it has no root. Signs at sample points say nothing of what lies between them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

import numpy as np
import sympy
import torch
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from quadrics.connectivity.residual_blocks import ResidualBlock
from quadrics.connectivity.residual_paths import block_matrix

from ...bridge import TorchFunction, torch_function
from ..sampling import EPS

PIECES = 8
"""A segment is looked at in so many parts: more parts recognize more of the segments without root."""

Join = Callable[[ResidualBlock, Tensor, Tensor], Tensor]


@lru_cache(maxsize=64)
def block_function(block: ResidualBlock) -> TorchFunction:
    """Return the function of the weights W_1, ..., W_j that computes the block, from the exact formula."""
    weights = [sympy.MatrixSymbol(f"W{i}", *shape) for i, shape in enumerate(block.shapes, start=1)]
    return torch_function(block_matrix([W.as_explicit() for W in weights], block.skip), weights)


def layers(block: ResidualBlock, flat: Tensor) -> list[Tensor]:
    """Return the weights (..., h_i, h_{i-1}) of networks that are given as vectors (..., D)."""
    sizes = [rows * columns for rows, columns in block.shapes]
    parts = torch.split(flat, sizes, dim=-1)
    return [part.reshape(*part.shape[:-1], *shape) for part, shape in zip(parts, block.shapes, strict=True)]


def parameters(block: ResidualBlock) -> int:
    """Return D, the number of weights."""
    return sum(rows * columns for rows, columns in block.shapes)


def determinants(block: ResidualBlock, flat: Tensor) -> Tensor:
    """Return det(W_j ... W_1 + ε I)."""
    found: Tensor = torch.linalg.det(block_function(block)(*layers(block, flat)))
    return found


def degree(block: ResidualBlock) -> int:
    """Return the degree of the determinant along a segment: j times the narrowest width (Sylvester), if ε != 0."""
    return block.depth * min(block.width, *block.hidden) if block.hidden else block.width


@lru_cache(maxsize=16)
def bernstein_matrix(d: int) -> Tensor:
    """Return ((d + 1) PIECES, d + 1): Bernstein coefficients in each part, from the values at 0, 1/d, ..., 1.

    Exact rational numbers, rounded once: values to coefficients of t^k, those of a part, those in Bernstein's basis.

    >>> (bernstein_matrix(1) @ torch.tensor([0.0, 8.0], dtype=torch.float64))[:4].tolist()
    [0.0, 1.0, 1.0, 2.0]
    """
    binomial, R = sympy.binomial, sympy.Rational
    n = d + 1
    vandermonde = sympy.Matrix(n, n, lambda a, k: R(int(a), d) ** int(k) if d else 1)
    basis = sympy.Matrix(n, n, lambda i, k: R(binomial(i, k), binomial(d, k)) if k <= i else 0)
    parts = []
    for piece in range(PIECES):
        low, width = R(piece, PIECES), R(1, PIECES)
        moved = sympy.Matrix(
            n, n, lambda k, m, a=low, w=width: binomial(m, k) * a ** int(m - k) * w ** int(k) if m >= k else 0
        )
        parts.append(basis * moved * vandermonde.inv())
    stacked = sympy.Matrix.vstack(*parts)
    return torch.tensor([[float(x) for x in row] for row in stacked.tolist()], dtype=torch.float64)


def rootless(block: ResidualBlock, starts: Tensor, ends: Tensor) -> Tensor:
    """Whether the block is safely invertible all along each segment (..., D) of weights; never wrongly true.

    A value of the determinant is off by the rounding of t and of the weights (3 units each), of the products (a sum of
    h terms has h + 1), and of the elimination (2 n^3 units, times the growth, at most 2^(n-1)): in all c units of the
    bound b on |M| that comes from the layers' norms, so that det is off by at most n c eps b^n (1 + c eps)^n. A
    coefficient adds these with the weights of a row of the matrix, and the rounding of a sum of d + 1 products.
    """
    d, n = degree(block), block.width
    times = torch.linspace(0, 1, d + 1, dtype=torch.float64)
    at = torch.stack([torch.lerp(starts, ends, t) for t in times], dim=-2)
    values = determinants(block, at)
    sizes = [
        torch.maximum(torch.linalg.matrix_norm(a), torch.linalg.matrix_norm(b))
        for a, b in zip(layers(block, starts), layers(block, ends), strict=True)
    ]
    b = torch.stack(sizes).prod(0) + abs(float(block.skip)) * n**0.5
    units = 6 * block.depth + sum(h + 1 for h in (n, *block.hidden)) + n**3 * 2**n
    error = 2 * n * units * EPS * b**n
    matrix = bernstein_matrix(d)
    coefficients = values @ matrix.T
    rounding = (d + 3) * EPS * values.abs().amax(-1)
    margin = (error + rounding)[..., None] * matrix.abs().sum(1)
    sure: Tensor = (coefficients > margin).all(-1) | (coefficients < -margin).all(-1)
    return sure


def same_signs(block: ResidualBlock, starts: Tensor, ends: Tensor) -> Tensor:
    """The unsound shortcut: the determinant has one sign at 0, 1/2 and 1."""
    values = torch.stack([determinants(block, torch.lerp(starts, ends, t)) for t in (0.0, 0.5, 1.0)])
    one_sign: Tensor = (values > 0).all(0) | (values < 0).all(0)
    return one_sign


def classes(block: ResidualBlock, points: Tensor, join: Join = rootless) -> np.ndarray:
    """Return (N,): the class of each of N points (N, D), two of which are joined where ``join`` says so.

    >>> block = ResidualBlock(1, (1,), 1)
    >>> points = torch.tensor([[0.0, 0.0], [1.0, 2.0], [3.0, -1.0], [-3.0, 1.0]], dtype=torch.float64)
    >>> classes(block, points).tolist()
    [0, 0, 1, 2]
    """
    first, second = torch.triu_indices(len(points), len(points), offset=1)
    joined = torch.cat(
        [
            join(block, points[first[a:b]], points[second[a:b]])
            for a, b in pairwise([*range(0, len(first), 20_000), len(first)])
        ]
    )
    edges = (first[joined].numpy(), second[joined].numpy())
    graph = coo_matrix((np.ones(len(edges[0]), dtype=bool), edges), shape=(len(points),) * 2)
    found: np.ndarray = connected_components(graph, directed=False)[1]
    return found
