"""How a computation ended, network by network."""

from __future__ import annotations

from collections import Counter
from enum import IntEnum

from torch import Tensor

__all__ = ["Status", "count_statuses"]


class Status(IntEnum):
    """How the training or the flow of one network ended; a batch has an int8 tensor (n,) of these.

    >>> import torch
    >>> torch.tensor([0, 1, 2], dtype=torch.int8) == Status.CONVERGED
    tensor([False,  True, False])
    """

    STEP_LIMIT = 0
    """Took all the steps it was given."""
    CONVERGED = 1
    """Its gradient fell to the tolerance."""
    NON_FINITE = 2
    """Its loss or gradient became NaN or infinite; the state kept is the last one where both were finite."""
    FAILED = 3
    """The integrator could not go on within its tolerances or its budget of evaluations."""
    FINISHED = 4
    """A flow that reached the last of the times it was asked for."""


def count_statuses(status: Tensor) -> dict[str, int]:
    """Return how many networks ended how, by name.

    >>> import torch
    >>> count_statuses(torch.tensor([0, 0, 2], dtype=torch.int8))
    {'STEP_LIMIT': 2, 'NON_FINITE': 1}
    """
    return {Status(code).name: count for code, count in sorted(Counter(status.tolist()).items())}
