"""Sweeps: grids of cells, computed block by block, resumed after an interruption, here or on many machines.

``Grid`` names cells and runs them, ``gather`` blocks with any labels; ``Local`` and ``Dask`` are who computes.
"""

from __future__ import annotations

from .dask_engine import Dask
from .engine import Block, Engine
from .gathering import Progress, gather
from .grid import Coordinate, Grid, cell_seed
from .local import Local
from .store import Store

__all__ = ["Block", "Coordinate", "Dask", "Engine", "Grid", "Local", "Progress", "Store", "cell_seed", "gather"]
