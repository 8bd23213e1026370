"""The experiment of figures 1 (c) and 5 as the checks see it: run once in a verification, however many checks ask."""

from __future__ import annotations

import xarray as xr

from proofs import Context

from ...experiments.simsek import figure_5

__all__ = ["figure_5_data"]


def figure_5_data(context: Context) -> xr.Dataset:
    """The students of all widths, at the size that goes with the mode."""

    def compute() -> xr.Dataset:
        def tell(done: int, total: int) -> None:
            context.tell(f"training the students of figure 5: block {done} of {total}")

        return figure_5.run(quick=context.mode == "quick", seed=context.seed, device=context.device, progress=tell)

    return context.once("simsek.fig5", compute)
