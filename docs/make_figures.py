"""Draw the pictures of the documentation into ``docs/_static/figures``.

    python docs/make_figures.py            all of them, from quick runs (minutes on two CPU cores)
    python docs/make_figures.py quadrics   only those named: quadrics, or experiments like nurisso.fig3
    python docs/make_figures.py --full     from runs at the papers' sizes
    python docs/make_figures.py --data results nurisso.fig4    from a file that ``quadrics reproduce`` wrote there

The pictures are committed, so that building the documentation runs no experiment.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from numerics.experiments import EXPERIMENTS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HERE = Path(__file__).resolve().parent
LEARNED, STUCK = "#1b6ca8", "#b3261e"


def trajectories(c: int, steps: int = 6000) -> tuple[np.ndarray, np.ndarray]:
    """Train one neuron on -(x1 + x2) from several functions with a > 0, all rescaled to imbalance c.

    Returns the parameters (w1, w2, a) over the steps, shape (steps kept, starts, 3), and the final losses.
    """
    import torch

    from numerics.batch import Batch, stack
    from numerics.objective import Objective
    from numerics.optimizers import GradientDescent
    from numerics.recorder import Recorder
    from numerics.training import train
    from quadrics import Parameters, rescale_to

    torch.set_num_threads(1)
    angles = [sympy.pi * k / 16 for k in (0, 2, 4, 6, 8)]
    functions = [Parameters([[2 * sympy.cos(t), 2 * sympy.sin(t)]], [[1]]) for t in angles]
    batch = stack([Batch.from_parameters([rescale_to(theta, [c])]) for theta in functions])
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(400, 2, generator=generator, dtype=torch.float64)
    recorder = Recorder(every=20, keep=["parameters"])
    result = train(batch, Objective(x, -x.sum(1)), GradientDescent(0.005), steps, recorder)
    return recorder["parameters"].numpy(), result.loss.numpy()


def surface(c: int, sheet: int, reach: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A grid on Q(c) for two inputs and one output, through its chart; ``sheet`` is the sign of a where c < 0."""
    from quadrics import Quadric

    t, r = sympy.symbols("t r", real=True)
    circle = [sympy.cos(t), sympy.sin(t)]
    Q = Quadric(2, 1, c)
    neuron = Q.inverse_chart([sheet], [r * z for z in circle]) if c < 0 else Q.inverse_chart(circle, [r])
    span = np.linspace(0, reach, 40) if c < 0 else np.linspace(-reach, reach, 60)
    grid_t, grid_r = np.meshgrid(np.linspace(0, 2 * np.pi, 90), span)
    entries = [sympy.lambdify([t, r], entry)(grid_t, grid_r) for entry in (*neuron.w, *neuron.a)]
    w1, w2, a = (np.broadcast_to(entry, grid_t.shape) for entry in entries)
    return w1, w2, a


def quadrics_picture() -> Figure:
    """The quadrics c = -1 and c = 1 with the paths of the same functions in training."""
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(9.6, 5.0))
    titles = {-1: "$c=-1$: two sheets, no way down", 1: "$c=+1$: one sheet, through the waist"}
    for place, c in enumerate(titles):
        axes: Any = drawing.add_axes((0.5 * place, 0.03, 0.5, 0.94), projection="3d", computed_zorder=False)
        for sheet in (-1, 1) if c < 0 else (1,):
            x, y, z = surface(c, sheet, reach=2.0 if c < 0 else 2.1)
            axes.plot_surface(x, y, z, color="#9fb4c7", alpha=0.35, linewidth=0, antialiased=True, zorder=1)
            axes.plot_wireframe(x, y, z, color="#5b7083", alpha=0.25, linewidth=0.4, rcount=12, ccount=18, zorder=1)
        paths, losses = trajectories(c)
        for k, loss in enumerate(losses):
            colour = LEARNED if loss < 0.01 else STUCK
            w1, w2, a = paths[:, k].T
            axes.plot(w1, w2, a, color=colour, linewidth=2, zorder=3)
            axes.scatter(w1[:1], w2[:1], a[:1], color="black", s=14, zorder=4, depthshade=False)
            axes.scatter(w1[-1:], w2[-1:], a[-1:], color=colour, s=36, zorder=4, depthshade=False)
        drawing.text(0.25 + 0.5 * place, 0.95, titles[c], ha="center", fontsize=13)
        axes.view_init(elev=14, azim=8)
        axes.set_xlim(-1.7, 1.7)
        axes.set_ylim(-1.7, 1.7)
        axes.set_zlim(-2.1, 2.1)
        axes.set_box_aspect((1, 1, 1.15), zoom=1.12)
        axes.set_axis_off()
    drawing.text(
        0.5, 0.015, "black: start, a > 0      blue: learned      red: stuck at a > 0", ha="center", fontsize=10
    )
    return drawing


def paper_figure(claim: str, full: bool, data: Path | None) -> Figure:
    """A figure of a paper, from an experiment run now or from the newest data file of it in a folder.

    Raises
    ------
    FileNotFoundError
        If the folder has no data of the experiment.
    """
    experiment = import_module(EXPERIMENTS[claim])
    if data is None:
        drawing: Figure = experiment.figure(experiment.run(quick=not full))
        return drawing
    from numerics.results import load

    files = sorted(data.glob(f"{claim}-*.nc"), key=lambda path: path.stat().st_mtime)
    if not files:
        raise FileNotFoundError(
            f"{data}: got no {claim}-*.nc; write one with `quadrics reproduce {claim} --out {data}`"
        )
    drawing = experiment.figure(load(files[-1]))
    return drawing


def main() -> None:
    """Draw what the command line asks for."""
    names = ["quadrics", *EXPERIMENTS]
    parser = argparse.ArgumentParser(description="Draw the pictures of the documentation.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}; all without any")
    parser.add_argument("--full", action="store_true", help="experiments at the papers' sizes")
    parser.add_argument("--data", type=Path, help="folder with the files of `quadrics reproduce`")
    wanted = parser.parse_args()
    if unknown := set(wanted.names) - set(names):
        parser.error(f"no picture {', '.join(sorted(unknown))}; expected of {', '.join(names)}")
    folder = HERE / "_static" / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    for name in wanted.names or names:
        drawing = quadrics_picture() if name == "quadrics" else paper_figure(name, wanted.full, wanted.data)
        path = folder / f"{name}.png"
        drawing.savefig(path, dpi=110, facecolor="white")
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
