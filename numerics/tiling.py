"""How the work on a batch is cut to stay in the cache: samples into tiles, networks into blocks."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from torch import Tensor

__all__ = ["Tile", "network_blocks", "sample_tiles", "tile_samples", "tile_units"]

CACHE_BYTES = 1_200_000
"""Size of the hidden layer of one tile on a CPU: it should stay in the cache between its three passes."""
DEVICE_BYTES = 256 * 2**20
"""The same on an accelerator, where only memory limits it."""
WIDE_BYTES = 64 * 2**20
"""Size of the hidden layer of one tile on a CPU at most, for networks so wide that one of them fills the cache."""
FEWEST_SAMPLES = 16
"""Samples of one tile, however wide a network is."""
MOST_SAMPLES = 1024
"""Samples of one tile on a CPU, at most."""


class Tile(NamedTuple):
    """Some samples: x (rows, columns) with a constant column for the biases, padded by zeros; y (e, rows)."""

    x: Tensor
    y: Tensor
    valid: int


def tile_samples(n: int, width: int, like: Tensor) -> int:
    """Return how many of n samples to work on at a time, for networks of this width in the type of ``like``."""
    cpu = like.device.type == "cpu"
    fitting = (WIDE_BYTES if cpu else DEVICE_BYTES) // (width * like.element_size())
    most = max(FEWEST_SAMPLES, min(n, fitting, MOST_SAMPLES if cpu else n))
    pieces = -(-n // most)
    return -(-n // pieces)


def tile_units(samples: int, like: Tensor) -> int:
    """Return how many hidden units to work on at a time, with so many samples."""
    budget = CACHE_BYTES if like.device.type == "cpu" else DEVICE_BYTES
    return max(1, budget // (like.element_size() * samples))


def sample_tiles(x: Tensor, targets: Tensor, samples: int) -> list[Tile]:
    """Cut the data along the samples, and pad with zeros to the multiples that matrix products run best at."""
    n, d = x.shape
    columns = d + 1 if d + 1 < 8 else -(-(d + 1) // 16) * 16
    tiles = []
    for start in range(0, n, samples):
        count = min(samples, n - start)
        rows = count if count < 64 else -(-count // 16) * 16
        tile_x, tile_y = x.new_zeros(rows, columns), x.new_zeros(targets.shape[1], rows)
        tile_x[:count, :d] = x[start : start + count]
        tile_x[:count, d] = 1
        tile_y[:, :count] = targets[start : start + count].t()
        tiles.append(Tile(tile_x, tile_y, count))
    return tiles


@lru_cache(maxsize=64)
def network_blocks(extents: tuple[int, ...], units: int) -> tuple[tuple[int, int, int], ...]:
    """Cut the batch into runs of networks (start, stop, width) of about ``units`` hidden units, padding included."""
    blocks = []
    start, width = 0, 0
    for k, extent in enumerate(extents):
        wider = max(width, extent)
        if k > start and (k + 1 - start) * wider > units:
            blocks.append((start, k, width))
            start, wider = k, extent
        width = wider
    blocks.append((start, len(extents), width))
    return tuple(blocks)
