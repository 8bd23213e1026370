"""The papers' experiments, at the papers' sizes and beyond: each module has ``run``, ``figure`` and ``table``."""

from __future__ import annotations

EXPERIMENTS = {
    "nurisso.fig3": "numerics.experiments.nurisso.figure_3",
    "nurisso.fig4": "numerics.experiments.nurisso.figure_4",
    "nurisso.fig5": "numerics.experiments.nurisso.figure_5",
    "beyond.nurisso.fig4-large": "numerics.experiments.nurisso.figure_4_large",
    "beyond.nurisso.optimizers": "numerics.experiments.nurisso.optimizers",
    "beyond.nurisso.phase-diagram": "numerics.experiments.nurisso.phase_diagram",
    "simsek.fig1e": "numerics.experiments.simsek.figure_1",
    "simsek.fig2": "numerics.experiments.simsek.figure_2",
    "simsek.fig4": "numerics.experiments.simsek.figure_4",
    "simsek.fig5": "numerics.experiments.simsek.figure_5",
    "simsek.fig6": "numerics.experiments.simsek.figure_6",
    "simsek.appA1.mnist": "numerics.experiments.simsek.digits",
    "beyond.simsek.zigzag": "numerics.experiments.simsek.zigzag",
    "zhao.fig1": "numerics.experiments.zhao.figure_1",
    "zhao.fig2": "numerics.experiments.zhao.figure_2",
    "zhao.fig3": "numerics.experiments.zhao.figure_3",
    "zhao.fig4": "numerics.experiments.zhao.figure_4",
    "zhao.thm6.2": "numerics.experiments.zhao.theorem_6_2",
    "beyond.zhao.rebasin": "numerics.experiments.zhao.rebasin",
}
"""The module of each experiment, by the paper and the figure that it repeats."""
