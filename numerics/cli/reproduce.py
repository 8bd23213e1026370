"""``quadrics reproduce FIGURE``: run one of the papers' experiments and draw its figure."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from quadrics.errors import SweepError, UnknownClaimError

from ..experiments import EXPERIMENTS
from .options import Device, Full, Seed
from .tables import print_table

if TYPE_CHECKING:
    from ..sweep import Engine


class EngineName(StrEnum):
    """Who computes."""

    local = "local"
    dask = "dask"


def reproduce(
    figure: Annotated[str, typer.Argument(help=f"One of {', '.join(EXPERIMENTS)}.")],
    out: Annotated[Path, typer.Option(help="Folder for the data (netCDF) and the figure (SVG, PNG).")] = Path(
        "results"
    ),
    full: Full = False,
    seed: Seed = 0,
    device: Device = "cpu",
    engine: Annotated[
        EngineName, typer.Option(help="Who computes: this machine, or a cluster through dask.distributed.")
    ] = EngineName.local,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Of a running Dask scheduler; without it, --engine dask starts its own."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes on this machine: by default one with local, one for each core with dask."),
    ] = None,
) -> None:
    """Run an experiment of a paper, at its size with --full, and write data and figure.

    A run that is interrupted resumes with the same command, and the data are the same in every byte whether it was
    interrupted or not, and whoever computed them.
    """
    if figure not in EXPERIMENTS:
        raise UnknownClaimError(f"no experiment {figure!r}; expected one of {', '.join(EXPERIMENTS)}")
    from ..device import pick_device
    from ..progress import ProgressBar
    from ..results import save

    pick_device(device)
    chosen = _engine(engine, scheduler, workers)
    experiment = import_module(EXPERIMENTS[figure])
    mode = "full" if full else "quick"
    stem = f"{figure}-{mode}-seed{seed}"
    out.mkdir(parents=True, exist_ok=True)
    with ProgressBar(figure) as bar:
        blocks = out / f"{stem}.blocks"
        dataset = experiment.run(not full, seed, device, progress=bar, folder=blocks, engine=chosen)
    save(dataset, out / f"{stem}.nc", figure, {"seed": seed, "mode": mode, "device": device})
    picture = experiment.figure(dataset)
    for ending in ("svg", "png"):
        picture.savefig(out / f"{stem}.{ending}", bbox_inches="tight")
    print_table(experiment.table(dataset))
    Console().print(f"wrote {out / stem}.nc, .svg and .png", highlight=False)


def _engine(name: EngineName, scheduler: str | None, workers: int | None) -> Engine:
    from ..sweep import Dask, Local

    if name is EngineName.dask:
        return Dask(scheduler, workers)
    if scheduler is not None:
        raise SweepError(f"scheduler: got {scheduler} with --engine local; expected --engine dask")
    return Local(workers or 1)
