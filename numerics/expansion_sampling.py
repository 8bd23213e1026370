"""Random points of expansion manifolds and of their critical subspaces, as tensors; shallow or deep.

A network is a list of matrices ``W^1, ..., W^L``, each (n, out, in) for n networks; a shallow one has two.

>>> from quadrics.expansion.deep.networks import DeepParameters
>>> core = DeepParameters([[[1, 2]], [[3]]])
>>> source = torch.Generator().manual_seed(0)
>>> W1, W2 = expansion_points(core, [Configuration(1, (1, -1, 1, -1))], 5, source)
>>> W1.shape, W2.shape
(torch.Size([5, 4, 2]), torch.Size([5, 1, 4]))
>>> bool(((W2[:, 0, 0] + W2[:, 0, 2]) - 3).abs().max() < 1e-14)
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from quadrics.errors import ShapeError
from quadrics.expansion.configurations import Configuration
from quadrics.expansion.deep.blocks import Family
from quadrics.expansion.deep.networks import DeepParameters
from quadrics.expansion.sizes import as_expansion

__all__ = ["critical_points", "expansion_points", "network_outputs", "random_configuration", "random_core"]

Weights = list[Tensor]


def random_configuration(r: int, m: int, source: torch.Generator, zero_types: bool = True) -> Configuration:
    """Return a configuration of r labels on m positions; every one has a positive probability.

    Each label has a random place of its own, and the other positions any letter: a label, or one of m - r groups.

    Raises:
        DimensionError: r > m, or no integers.

    >>> random_configuration(2, 2, torch.Generator().manual_seed(0), zero_types=False).is_critical
    True
    """
    r, m = as_expansion(r, m)
    order = torch.randperm(m, generator=source).tolist()
    letters = [*range(1, r + 1), *(-1 - i for i in range(m - r) if zero_types)]
    extra = [letters[i] for i in torch.randint(len(letters), (m - r,), generator=source).tolist()]
    word = dict(zip(order, [*range(1, r + 1), *extra], strict=True))
    return Configuration(r, tuple(word[i] for i in range(m)))


def random_core(sizes: Sequence[int], n: int, source: torch.Generator) -> Weights:
    """Return n networks of these sizes with normal weights, scaled to keep activations of order one.

    With probability one they are irreducible.

    >>> [tuple(W.shape) for W in random_core((2, 3, 1), 4, torch.Generator().manual_seed(0))]
    [(4, 3, 2), (4, 1, 3)]
    """
    return [
        torch.randn(n, rows, columns, generator=source, dtype=torch.float64) * (2 / columns**0.5)
        for columns, rows in pairwise(sizes)
    ]


def expansion_points(
    core: DeepParameters | Weights,
    configurations: Sequence[Configuration],
    n: int,
    source: torch.Generator,
    family: Family = Family.FULL,
) -> Weights:
    """Return n random points of the subspace of these configurations, one a hidden layer.

    All weights are normal at first; then the same amount is added to all weights from a block, so that they have the
    sums that the family asks for, up to the rounding of such a sum. Sums that are free are normal.

    Args:
        core: one irreducible network, exact or as tensors (1, out, in), or n of them (n, out, in).
        family: the full family, or a sequential expansion. For a shallow network they are the same.

    Raises:
        ShapeError: the configurations do not fit the core.
    """
    weights, layers = _fitting(core, configurations)

    def normal(*shape: int) -> Tensor:
        return torch.randn(n, *shape, generator=source, dtype=torch.float64)

    found = []
    for W, (below, above) in zip(weights, pairwise(layers), strict=True):
        V = normal(above.m, below.m)
        if family is Family.FIRST_TO_LAST:
            for rows in _blocks(above):
                V[:, rows] = V[:, rows[:1]].clone()
        sums = torch.zeros(n, above.m, len(_blocks(below)), dtype=torch.float64)
        for t, rows in enumerate(map(list, above.labelled_blocks)):
            sums[:, rows, : below.r] = W[:, t, None, : below.r].expand(n, len(rows), -1)
        for rows in map(list, above.zero_blocks):
            free = below.r if family is Family.LAST_TO_FIRST else sums.shape[2]
            sums[:, rows, :free] = normal(1, free).expand(n, len(rows), -1)
        for b, columns in enumerate(_blocks(below)):
            own = V[:, :, columns]
            V[:, :, columns] = own + ((sums[:, :, b] - own.sum(2)) / len(columns))[:, :, None]
        found.append(V)
    return found


def critical_points(
    core: DeepParameters | Weights, configurations: Sequence[Configuration], n: int, source: torch.Generator
) -> tuple[Weights, list[Tensor]]:
    """Return n networks of copies, and the shares (n, m_l) of the neurons of every hidden layer.

    Shares are normal, and all moved by the same amount so that they add up to 1 over the copies of a neuron.

    Raises:
        ShapeError: the configurations do not fit the core, or have zero-type groups.

    >>> core = DeepParameters([[[1]], [[2]]])
    >>> (W1, W2), (shares,) = critical_points(core, [Configuration(1, (1, 1))], 3, torch.Generator().manual_seed(0))
    >>> bool(torch.equal(W2[:, 0], 2 * shares)), bool((shares.sum(1) - 1).abs().max() < 1e-15)
    (True, True)
    """
    weights, layers = _fitting(core, configurations)
    if not all(P.is_critical for P in configurations):
        raise ShapeError("configurations: got zero-type groups; expected copies only")
    shares = [torch.ones(n, layers[0].m, dtype=torch.float64)]
    for P in configurations:
        own = torch.randn(n, P.m, generator=source, dtype=torch.float64)
        for block in map(list, P.labelled_blocks):
            part = own[:, block]
            own[:, block] = part + (1 - part.sum(1, keepdim=True)) / len(block)
        shares.append(own)
    labels = [[letter - 1 for letter in P.word] for P in layers]
    found = [
        W[:, upper][:, :, lower] * own[:, None, :]
        for W, (lower, upper), own in zip(weights, pairwise(labels), shares, strict=True)
    ]
    return found, shares[1:]


def network_outputs(weights: Weights, x: Tensor, sigma: Callable[[Tensor], Tensor]) -> Tensor:
    """Return (n, N, e): every network on the same inputs x (N, d).

    >>> network_outputs([torch.ones(1, 2, 1), torch.ones(1, 1, 2)], torch.tensor([[3.0]]), torch.relu)
    tensor([[[6.]]])
    """
    value = x.expand(weights[0].shape[0], *x.shape)
    for W in weights[:-1]:
        value = sigma(value @ W.transpose(1, 2))
    return value @ weights[-1].transpose(1, 2)


def as_weights(core: DeepParameters) -> Weights:
    """Return one exact network as tensors (1, out, in).

    >>> as_weights(DeepParameters([[[1]], [[2]]]))
    [tensor([[[1.]]], dtype=torch.float64), tensor([[[2.]]], dtype=torch.float64)]
    """
    return [torch.from_numpy(np.array(W.tolist(), dtype=np.float64))[None] for W in core.weights]


def _fitting(
    core: DeepParameters | Weights, configurations: Sequence[Configuration]
) -> tuple[Weights, list[Configuration]]:
    """The core's tensors, and the configurations of all layers, inputs and outputs labelled one by one."""
    weights = as_weights(core) if isinstance(core, DeepParameters) else list(core)
    widths = tuple(W.shape[1] for W in weights[:-1])
    if tuple(P.r for P in configurations) != widths:
        raise ShapeError(
            f"configurations: got {tuple(P.r for P in configurations)} labels; expected {widths}, the core's widths"
        )
    ends = [Configuration(d, tuple(range(1, d + 1))) for d in (weights[0].shape[2], weights[-1].shape[1])]
    return weights, [ends[0], *configurations, ends[1]]


def _blocks(P: Configuration) -> list[list[int]]:
    return [list(block) for block in (*P.labelled_blocks, *P.zero_blocks)]
