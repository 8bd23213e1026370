"""Blocks computed on this machine: one after the other in this process."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import xarray as xr

from .engine import Block, compute_block, one_thread

__all__ = ["Local"]


class Local:
    """Computes the blocks in this process, in order.

    >>> blocks = Local().run(lambda label: xr.Dataset({"x": len(label)}), ["a", "bb"])
    >>> [(label, int(block.x)) for label, block in blocks]
    [('a', 1), ('bb', 2)]
    """

    def run(self, compute: Block, labels: Sequence[str]) -> Generator[tuple[str, xr.Dataset], None, None]:
        """Yield each label with its block.

        Raises:
            SweepError: a block needs more memory than there is.
        """
        with one_thread():
            for label in labels:
                yield label, compute_block(compute, label)
