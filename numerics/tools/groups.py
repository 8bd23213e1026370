"""The neurons of one trained network, sorted into groups of (nearly) equal incoming weights (Simsek et al., figure 5).

The neurons of a group act as one, whose outgoing weights are the sum of theirs. If the sum is not zero they are
*copies* of that neuron; if it is zero the group is of *zero type* and computes nothing. This is
:func:`quadrics.expansion.reduction.reduce` on stored weights, for networks that are too large for exact arithmetic and
with a tolerance that is read off the weights.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import torch
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist

from quadrics.errors import DimensionError, NonFiniteError, ShapeError
from quadrics.expansion.configurations import Configuration

from ..batch import Batch
from ..modules import Layers

__all__ = [
    "CEILING",
    "LEAST_GAP",
    "MAX_NEURONS",
    "OUTGOING_CEILING",
    "Gap",
    "GroupKind",
    "NeuronGroup",
    "NeuronGrouping",
    "find_gap",
    "group_neurons",
    "neuron_rows",
    "single_linkage",
]

MAX_NEURONS = 2**14
"""The widest network that is grouped: its 1.3e8 distances take 1.1 GB."""

CEILING = 0.1
"""Weights further apart than this fraction of the median length of a weight vector are never called equal unasked."""

OUTGOING_CEILING = 0.01
"""Sums longer than this fraction of the longest sum are never called zero unasked."""

LEAST_GAP = 10.0
"""The least ratio of two consecutive merge distances that counts as a gap.

If D weights a neuron were scattered independently, the k-th and the next of the smallest distances would have this
ratio with probability 10^-kD: the number of pairs closer than t grows as t^D.
"""

Array = np.ndarray[Any, np.dtype[np.float64]]


class GroupKind(StrEnum):
    """What a group computes."""

    COPIES = "copies"
    ZERO_TYPE = "zero-type"


@dataclass(frozen=True, eq=False)
class NeuronGroup:
    """Neurons of nearly equal incoming weights, and the one neuron that they amount to.

    Attributes:
        members: their 0-based positions, increasing.
        kind: whether their outgoing weights cancel.
        w: (d,) or with a bias (d + 1,): the mean of their incoming weights, weighted by |a|_1 as in ``reduce``.
        a: (e,) the sum of their outgoing weights, added exactly and rounded once.
        spread: the largest distance of a member from ``w``.
    """

    members: tuple[int, ...]
    kind: GroupKind
    w: torch.Tensor
    a: torch.Tensor
    spread: float

    @property
    def size(self) -> int:
        """How many neurons."""
        return len(self.members)


@dataclass(frozen=True, eq=False)
class NeuronGrouping:
    """All groups of a network, in the order of their first members.

    Attributes:
        groups: copies and zero-type groups.
        tolerance: neurons were linked whose incoming weights are at most this far apart.
        outgoing_tolerance: groups are of zero type whose outgoing weights sum to at most this length.
    """

    groups: tuple[NeuronGroup, ...]
    tolerance: float
    outgoing_tolerance: float

    @property
    def copies(self) -> tuple[NeuronGroup, ...]:
        """The groups whose outgoing weights do not cancel: one for each neuron of the irreducible core."""
        return tuple(group for group in self.groups if group.kind is GroupKind.COPIES)

    @property
    def zero_type(self) -> tuple[NeuronGroup, ...]:
        """The groups that compute nothing."""
        return tuple(group for group in self.groups if group.kind is GroupKind.ZERO_TYPE)

    @property
    def r(self) -> int:
        """The number of neurons of the core."""
        return len(self.copies)

    @property
    def configuration(self) -> Configuration:
        """Where the copies of each neuron of the core and the zero-type groups are: the affine subspace it lies in."""
        return Configuration.from_blocks([g.members for g in self.copies], [g.members for g in self.zero_type])

    def neurons_by_size(self, kind: GroupKind) -> dict[int, int]:
        """Return how many neurons are in groups of each size, as the bars of figure 5 (right) count them.

        >>> W1, W2 = torch.tensor([[1.0], [2.0], [2.0], [3.0], [3.0]]), torch.tensor([[0.0, 1.0, -1.0, 4.0, 5.0]])
        >>> found = group_neurons(Layers(W1, W2, None, None))
        >>> found.neurons_by_size(GroupKind.ZERO_TYPE), found.neurons_by_size(GroupKind.COPIES)
        ({1: 1, 2: 2}, {2: 2})
        """
        groups = Counter(group.size for group in self.groups if group.kind is kind)
        return {size: size * groups[size] for size in sorted(groups)}


class Gap(NamedTuple):
    """A gap among lengths: the last ``below`` and the first ``above`` it; the same number where there is none."""

    below: float
    above: float

    @property
    def middle(self) -> float:
        """The geometric mean, which is as many times larger than ``below`` as it is smaller than ``above``."""
        return math.sqrt(self.below) * math.sqrt(self.above)


def group_neurons(network: Layers | Batch, tolerance: float | None = None) -> NeuronGrouping:
    """Return the groups of neurons of one network.

    Neurons at most ``tolerance`` apart are linked, and groups are what is linked, directly or through others (single
    linkage). A group is of zero type if the sum of its outgoing weights is no longer than the tolerance.

    Args:
        network: W1 (l, d), W2 (e, l), b1 (l,) or None, b2 (e,) or None; or a batch of one network. Biases b1 count as
            incoming weights.
        tolerance: 0 for exactly equal weights, as in :func:`quadrics.expansion.reduction.reduce`. None to find one
            from the gap in the merge distances (:func:`find_gap`), and one for the sums from the gap in their lengths.

    Raises:
        ShapeError: shapes that do not fit, or a batch of several networks.
        NonFiniteError: NaN or infinite weights, weights whose squares overflow, or a tolerance that is no number of at
            least 0.
        DimensionError: no neurons, or more than ``MAX_NEURONS`` of them.

    >>> W1 = torch.tensor([[1.0, 2.0], [3.0, 4.0], [1.0, 2.001], [5.0, 6.0], [5.0, 6.0]])
    >>> layers = Layers(W1, torch.tensor([[1.0, 2.0, 3.0, 4.0, -4.0]]), None, None)
    >>> [(group.members, str(group.kind)) for group in group_neurons(layers).groups]
    [((0, 2), 'copies'), ((1,), 'copies'), ((3, 4), 'zero-type')]
    >>> group_neurons(layers, tolerance=0).r
    3
    >>> group_neurons(layers, tolerance=-1.0)
    Traceback (most recent call last):
    ...
    quadrics.errors.NonFiniteError: tolerance: got -1.0; expected a number of at least 0, or None to find one
    """
    limit = None if tolerance is None else _nonnegative(tolerance)
    incoming, outgoing = neuron_rows(network)
    check_width(len(incoming))
    tree = single_linkage(incoming)
    rounding = 8 * torch.finfo(network.W1.dtype).eps
    if limit is None:
        scale = _median_length(incoming)
        limit = find_gap(tree[:, 2], scale, rounding * scale, CEILING).middle
    blocks: dict[int, list[int]] = {}
    for k, label in enumerate(_labels(incoming, tree, limit)):
        blocks.setdefault(label, []).append(k)
    sums = [np.array([math.fsum(column) for column in outgoing[block].T]) for block in blocks.values()]
    outgoing_limit = limit
    if tolerance is None:
        # Single weights may be far longer than any sum: they cancel.
        lengths, loudest = _lengths(np.array(sums)), float(_lengths(outgoing).max())
        outgoing_limit = find_gap(lengths, float(lengths.max()), rounding * loudest, OUTGOING_CEILING).middle
    groups = (
        _group(np.array(block), incoming, outgoing, a, outgoing_limit)
        for block, a in zip(blocks.values(), sums, strict=True)
    )
    return NeuronGrouping(tuple(groups), limit, outgoing_limit)


def single_linkage(rows: Array) -> Array:
    """Return the single-linkage tree of n points (n, D), as :func:`scipy.cluster.hierarchy.linkage` writes it.

    Row k merges two clusters into number n + k, at the distance in its third column. No array of more than n²/2
    numbers is made.
    """
    if len(rows) == 1:
        return np.zeros((0, 4))
    return linkage(pdist(rows), "single")  # type: ignore[no-any-return]


def find_gap(lengths: Array, scale: float, rounding: float, ceiling: float) -> Gap:
    """Return the gap between lengths that are zero in all but name and those that are not.

    Of two consecutive lengths whose ratio is at least ``LEAST_GAP``, the smaller at most ``ceiling * scale``, the
    highest pair is taken. (Not the pair of the largest ratio: copies come together at different rates, so that there
    may be larger ratios between 1e-12 and 1e-5 than from there to 1.) Anything below ``rounding`` counts as that
    much, and beyond the last length comes ``scale`` itself.

    >>> find_gap(np.array([0.0, 1e-9, 4e-4, 0.3, 0.8]), 1.0, 1e-15, CEILING)
    Gap(below=0.0004, above=0.3)
    >>> find_gap(np.array([0.05, 0.1, 0.3, 0.8]), 1.0, 1e-15, CEILING)
    Gap(below=1e-15, above=0.05)
    """
    steps = [rounding, *np.sort(lengths).clip(rounding).tolist(), max(scale, rounding)]
    for below, above in zip(steps[-2::-1], steps[:0:-1], strict=True):
        if below <= ceiling * scale and above >= LEAST_GAP * below:
            return Gap(below, above)
    return Gap(rounding, rounding)


def check_width(width: int) -> None:
    """Refuse a network whose distances would not fit into memory.

    >>> check_width(10**6)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: neurons: got 1000000; expected at most 16384: their 499999500000 distances would \
take 4000 GB
    """
    if width > MAX_NEURONS:
        pairs = width * (width - 1) // 2
        raise DimensionError(
            f"neurons: got {width}; expected at most {MAX_NEURONS}: their {pairs} distances would take "
            f"{8 * pairs / 1e9:.0f} GB"
        )


def neuron_rows(network: Layers | Batch) -> tuple[Array, Array]:
    """Each neuron's incoming weights (l, D), its bias last, and its outgoing ones (l, e), in double precision."""
    if isinstance(network, Batch):
        if network.n != 1:
            raise ShapeError(f"network: got a batch of {network.n}; expected one: use group_neurons(batch.layers(k))")
        network = network.layers(0)
    checked = Batch.from_layers([network]).layers(0)
    W1, W2, b1 = (None if t is None else t.detach().cpu().double() for t in checked[:3])
    assert W1 is not None
    assert W2 is not None
    incoming = W1 if b1 is None else torch.cat([W1, b1[:, None]], 1)
    if not incoming.square().sum().isfinite() or not W2.square().sum().isfinite():
        raise NonFiniteError("weights: got numbers whose squares overflow; expected lengths below 1e154")
    return incoming.numpy(), W2.T.numpy()


def _labels(incoming: Array, tree: Array, limit: float) -> list[Any]:
    """The number of each neuron's group."""
    if limit == 0:
        # Not by distances: those below 1e-162 are 0. Adding 0 makes one zero of the two.
        return np.unique(incoming + 0.0, axis=0, return_inverse=True)[1].reshape(-1).tolist()
    return fcluster(tree, limit, "distance").tolist() if len(tree) else [0]


def _group(members: Any, incoming: Array, outgoing: Array, a: Array, limit: float) -> NeuronGroup:
    rows = incoming[members]
    w = rows[0]
    if (rows != w).any():
        weights = np.abs(outgoing[members]).sum(1)
        w = np.average(rows, axis=0, weights=weights if weights.any() else None)
    spread = float(_lengths(rows - w).max())
    kind = GroupKind.ZERO_TYPE if math.hypot(*a) <= limit else GroupKind.COPIES
    return NeuronGroup(tuple(members.tolist()), kind, torch.tensor(w), torch.tensor(a), spread)


def _nonnegative(tolerance: object) -> float:
    if isinstance(tolerance, bool) or not isinstance(tolerance, int | float) or not 0 <= tolerance < math.inf:
        raise NonFiniteError(f"tolerance: got {tolerance!r}; expected a number of at least 0, or None to find one")
    return float(tolerance)


def _lengths(rows: Array) -> Array:
    lengths: Array = np.linalg.norm(rows, axis=1)
    return lengths


def _median_length(rows: Array) -> float:
    lengths = _lengths(rows)
    return float(np.median(lengths[lengths > 0])) if lengths.any() else 0.0
