"""Sampled networks moved by every permutation, and rescaled back into their invariant set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import NamedTuple

import torch
from torch import Tensor

from proofs import Context
from quadrics.type_patterns import TypePatterns

from ..batch import Batch
from ..initialize import rescale
from .sampling import EPS, generator, networks

Signs = tuple[int, ...]

SAMPLES = 512
"""Networks for each c. With at most four neurons every combination of free signs is missed with probability < 1e-13."""


class Moved(NamedTuple):
    """The networks at ``rows`` after one permutation and the rescaling into H(c); errors in units of tolerance."""

    rows: Tensor
    batch: Batch
    imbalance_error: float
    output_error: float


def permuted(batch: Batch, perm: Sequence[int]) -> Batch:
    """The networks with neuron ``perm[k]`` in place k."""
    order = list(perm)
    b1 = None if batch.b1 is None else batch.b1[:, order]
    return batch.replace(batch.W1[:, order], batch.W2[:, :, order], b1, batch.b2)


def moves(batch: Batch, c: Tensor, x: Tensor) -> Iterator[Moved]:
    """Every permutation, for the networks whose degenerate neurons it takes to places that they fit.

    With d inputs, a bias among them, a squared norm carries d + 1 or e roundings, the rescaling factor so many and 8
    more, a rescaled weight one more: an imbalance is off by at most 2(d + e + 12) eps of the norms. The factor's own
    error cancels in α · (1/α), so that an output is off by at most 2(d + l + 8) eps of the sizes of its terms.
    """
    f = batch.output(x)
    reach = x.abs() @ batch.W1.abs().transpose(1, 2)
    if batch.b1 is not None:
        reach = reach + batch.b1.abs()[:, None, :]
    sizes = reach @ batch.W2.abs().transpose(1, 2)
    if batch.b2 is not None:
        sizes = sizes + batch.b2.abs()[:, None, :]
    d = batch.d_in + (batch.b1 is not None)
    for perm in permutations(range(batch.width)):
        other = permuted(batch, perm)
        no_input, no_output = (other.W1 == 0).all(2), (other.W2 == 0).all(1)
        if other.b1 is not None:
            no_input &= other.b1 == 0
        misplaced = (no_input & ~no_output & (c >= 0)) | (no_output & ~no_input & (c <= 0))
        misplaced |= no_input & no_output & (c != 0)
        rows = (~misplaced.any(1)).nonzero()[:, 0]
        if not rows.numel():
            continue
        new = rescale(other.select(rows), c)
        norms = new.imbalance() + 2 * new.W2.square().sum(1)
        off = (new.imbalance() - c).abs() / (2 * (d + batch.d_out + 12) * EPS * norms.clamp_min(EPS))
        gap = (new.output(x) - f[rows]).abs() / (2 * (d + batch.width + 8) * EPS * sizes[rows].clamp_min(EPS))
        yield Moved(rows, new, float(off.max()), float(gap.max()))


def labels(batch: Batch, H: TypePatterns) -> list[Signs]:
    """The component of each network: the signs of the weights that cannot vanish on H(c), neuron by neuron."""
    columns = [
        (batch.W2[:, 0, k] if sign < 0 else batch.W1[:, k, 0]).sign().to(torch.int8)
        for k, sign in enumerate(H.signs)
        if H.is_two_sheeted(sign)
    ]
    if not columns:
        return [()] * batch.n
    return [tuple(row) for row in torch.stack(columns, 1).tolist()]


class Reached(NamedTuple):
    """What was measured for one c: each network's component, the components it was moved to, and the worst errors."""

    start: list[Signs]
    met: list[frozenset[Signs]]
    batch: Batch
    error: float

    def related(self) -> set[tuple[Signs, Signs]]:
        """The pairs (s, s') such that every sampled network of C_s was moved to C_s'."""
        found: set[tuple[Signs, Signs]] = set()
        for s in set(self.start):
            common = frozenset.intersection(*(met for t, met in zip(self.start, self.met, strict=True) if t == s))
            found.update((s, t) for t in common)
        return found

    def linked(self) -> set[tuple[Signs, Signs]]:
        """The pairs (s, s') such that some sampled network of C_s was moved to C_s'."""
        return {(s, t) for s, met in zip(self.start, self.met, strict=True) for t in met}


def measure(
    context: Context,
    signs: Sequence[int],
    d_in: int = 2,
    d_out: int = 1,
    *,
    degenerate: bool = False,
    bias: bool = False,
) -> Reached:
    """Sample networks of H(c), c of these signs and random sizes, and move each by every permutation; once in a run.

    With ``degenerate``, a third of the neurons lose their input or their output weights, as their places allow.
    """

    key = (tuple(signs), d_in, d_out, degenerate, bias)

    def compute() -> Reached:
        source = generator(context, f"moves {key}")
        c = torch.tensor(signs, dtype=torch.float64) * (0.1 + torch.rand(len(signs), generator=source).double())
        batch = networks(source, SAMPLES, len(signs), d_in, d_out, bias)
        if degenerate:
            chosen = torch.rand(batch.n, batch.width, generator=source) < 1 / 3
            no_input, no_output = chosen & (c <= 0), chosen & (c >= 0)
            W1, W2 = batch.W1.masked_fill(no_input[:, :, None], 0), batch.W2.masked_fill(no_output[:, None, :], 0)
            b1 = None if batch.b1 is None else batch.b1.masked_fill(no_input, 0)
            batch = batch.replace(W1, W2, b1, batch.b2)
        place = rescale(batch.to(context.device), c.to(context.device))
        x = torch.randn(20, d_in, generator=source, dtype=torch.float64).to(context.device)
        H = TypePatterns(signs, d_in + bias, d_out)
        start = labels(place, H)
        met: list[set[Signs]] = [set() for _ in start]
        error = 0.0
        for moved in moves(place, c.to(context.device), x):
            for row, label in zip(moved.rows.tolist(), labels(moved.batch, H), strict=True):
                met[row].add(label)
            error = max(error, moved.imbalance_error, moved.output_error)
        return Reached(start, list(map(frozenset, met)), place, error)

    return context.once(("moves", *key), compute)
