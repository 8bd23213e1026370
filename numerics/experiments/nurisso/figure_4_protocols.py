"""What the paper leaves open about figure 4 and what decides its outcome: four protocols, alike in everything else."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["PROTOCOLS", "Protocol"]


class Protocol(NamedTuple):
    """The signs of the initial output weights (all positive, or random) and the size of every ``|c_k|``.

    >>> print(PROTOCOLS["D"])
    all a > 0, |c| = 1.0
    """

    positive: bool
    imbalance: float

    def __str__(self) -> str:
        return f"{'all a > 0' if self.positive else 'random signs'}, |c| = {self.imbalance}"


PROTOCOLS = {
    "A": Protocol(positive=False, imbalance=0.1),
    "C": Protocol(positive=True, imbalance=0.1),
    "D": Protocol(positive=True, imbalance=1.0),
    "F": Protocol(positive=False, imbalance=1.0),
}
