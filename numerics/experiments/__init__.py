"""The papers' experiments, at the papers' sizes and beyond: each module has ``run``, ``figure`` and ``table``."""

from __future__ import annotations

EXPERIMENTS = {
    "nurisso.fig3": "numerics.experiments.nurisso.figure_3",
    "nurisso.fig4": "numerics.experiments.nurisso.figure_4",
    "nurisso.fig5": "numerics.experiments.nurisso.figure_5",
}
"""The module of each experiment, by the claim that it belongs to."""
