"""``quadrics reproduce FIGURE``: run one of the papers' experiments and draw its figure."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from quadrics.errors import UnknownClaimError

from ..experiments import EXPERIMENTS
from .options import Device, Full, Seed


def reproduce(
    figure: Annotated[str, typer.Argument(help=f"One of {', '.join(EXPERIMENTS)}.")],
    out: Annotated[Path, typer.Option(help="Folder for the data (netCDF) and the figure (SVG, PNG).")] = Path(
        "results"
    ),
    full: Full = False,
    seed: Seed = 0,
    device: Device = "cpu",
) -> None:
    """Run an experiment of a paper, at its size with --full, and write data and figure.

    A run that is interrupted resumes with the same command.
    """
    if figure not in EXPERIMENTS:
        raise UnknownClaimError(f"no experiment {figure!r}; expected one of {', '.join(EXPERIMENTS)}")
    from ..device import pick_device
    from ..progress import ProgressBar
    from ..results import save

    pick_device(device)
    experiment = import_module(EXPERIMENTS[figure])
    mode = "full" if full else "quick"
    stem = f"{figure}-{mode}-seed{seed}"
    out.mkdir(parents=True, exist_ok=True)
    with ProgressBar(figure) as bar:
        dataset = experiment.run(quick=not full, seed=seed, device=device, progress=bar, folder=out / f"{stem}.blocks")
    save(dataset, out / f"{stem}.nc", figure, {"seed": seed, "mode": mode, "device": device})
    picture = experiment.figure(dataset)
    for ending in ("svg", "png"):
        picture.savefig(out / f"{stem}.{ending}", bbox_inches="tight")
    console = Console()
    console.print(experiment.table(dataset))
    console.print(f"wrote {out / stem}.nc, .svg and .png", highlight=False)
