"""The paper's experiments as the checks see them: run once in a verification, however many checks ask."""

from __future__ import annotations

import xarray as xr

from proofs import Context

from ..experiments.nurisso import figure_3, figure_4

__all__ = ["figure_3_data", "figure_4_data"]


def figure_3_data(context: Context) -> xr.Dataset:
    """The toy experiment of section 6, at the size that goes with the mode."""

    def compute() -> xr.Dataset:
        context.tell("training the toy networks of figure 3")
        return figure_3.run(quick=context.mode == "quick", seed=context.seed, device=context.device)

    return context.once("nurisso.fig3", compute)


def figure_4_data(context: Context) -> xr.Dataset:
    """The breast-cancer experiment of section 6 under all protocols, at the size that goes with the mode."""

    def compute() -> xr.Dataset:
        def tell(done: int, total: int) -> None:
            context.tell(f"training the breast-cancer networks of figure 4: block {done} of {total}")

        return figure_4.run(quick=context.mode == "quick", seed=context.seed, device=context.device, progress=tell)

    return context.once("nurisso.fig4", compute)
