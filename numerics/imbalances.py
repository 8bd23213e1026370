"""The sign of each c_k of a stored network, decided only where rounding leaves no doubt."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from quadrics.errors import NonFiniteError

from .batch import Batch

__all__ = ["Imbalances", "imbalances"]


class Imbalances(NamedTuple):
    """Per neuron, in double precision: c (l,), the margin of doubt (l,), and the sign, 0 where |c| is within it."""

    c: Tensor
    margin: Tensor
    signs: Tensor


def imbalances(batch: Batch, stored: torch.dtype) -> Imbalances:
    """Return c_k = |w_k|² (+ b_k²) - |a_k|² (eq. 12, eq. 28) of a batch of one network, and what rounding can do to it.

    Weights stored with relative precision eps are each off by at most eps/2 from what training computed. That moves c_k
    by at most eps (1 + eps) S, S = |w_k|² + b_k² + |a_k|², and the n + 2 roundings of the sum in double precision move
    it by at most (n + 2) eps_64 S; a square below the smallest normal number adds less than that number. Within this
    margin the sign of c_k cannot be known: it counts as 0.

    Args:
        batch: one network, in double precision.
        stored: the type that its weights had in the file.

    Raises:
        NonFiniteError: a weight is so large that its square overflows.

    >>> balanced = Batch(torch.tensor([[[0.1], [0.1], [0.2]]]).double(), torch.tensor([[[0.1, 0.2, 0.1]]]).double())
    >>> imbalances(balanced, torch.float32).signs
    tensor([ 0, -1,  1])
    """
    finfo = torch.finfo(torch.float64)
    c = batch.imbalance()[0]
    parts = [batch.W1[0].square().sum(1), batch.W2[0].square().sum(0)]
    parts += [] if batch.b1 is None else [batch.b1[0].square()]
    size = torch.stack(parts).sum(0)
    if not bool(size.isfinite().all()):
        k = int(torch.nonzero(~size.isfinite())[0])
        raise NonFiniteError(f"neuron {k}: got weights whose squares overflow; expected weights below 1e150")
    eps, terms = torch.finfo(stored).eps, batch.d_in + batch.d_out + 1
    margin = (eps * (1 + eps) + (terms + 2) * finfo.eps) * size + terms * finfo.tiny
    signs = c.sign().where(c.abs() > margin, 0.0).long()
    return Imbalances(c, margin, signs)
