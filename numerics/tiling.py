"""How the work on a batch is cut to stay in the cache: samples into tiles, networks into blocks."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from .extents import Extents

__all__ = ["Tile", "columns_of", "network_blocks", "order_by_width", "sample_tiles", "tile_samples", "tile_units"]

CACHE_BYTES = 2_000_000
"""Size of the hidden layer of one tile on a CPU: it should stay in the cache between its three passes."""
DEVICE_BYTES = 64 * 2**20
"""The same on an accelerator: large enough to fill it. Larger blocks were slower where they no longer fit its cache."""
FEWEST_SAMPLES = 64
"""Samples of one tile, however wide a network is, unless the memory is limited: matrix products need as many."""
MOST_SAMPLES = 1024
"""Samples of one tile on a CPU, at most."""


class Tile(NamedTuple):
    """Some samples: xt (columns, samples) with a constant row for the biases, padded by zeros; y (e, samples)."""

    xt: Tensor
    y: Tensor
    valid: int


def tile_samples(n: int, width: int, like: Tensor, memory: int | None = None) -> int:
    """Return how many of n samples to work on at a time, for networks of this width in the type of ``like``.

    With ``memory``, so few that the hidden layer of one network takes at most so many bytes, padding included.
    """
    cpu = like.device.type == "cpu"
    budget = (CACHE_BYTES if cpu else DEVICE_BYTES) if memory is None else memory
    fitting = budget // (width * like.element_size())
    if fitting >= 64:
        fitting = fitting // 16 * 16
    most = max(FEWEST_SAMPLES if memory is None else 1, min(fitting, MOST_SAMPLES if cpu else n))
    pieces = -(-n // most)
    return -(-n // pieces)


def tile_units(samples: int, like: Tensor, memory: int | None = None) -> int:
    """Return how many hidden units to work on at a time, with so many samples and at most so many bytes."""
    budget = CACHE_BYTES if like.device.type == "cpu" else DEVICE_BYTES
    if memory is not None:
        budget = min(budget, memory)
    return max(1, budget // (like.element_size() * samples))


def columns_of(d: int) -> int:
    """Return how many rows the transposed data have: inputs, a constant, and zeros that products run best with."""
    return d + 1 if d + 1 < 8 else -(-(d + 1) // 16) * 16


def sample_tiles(x: Tensor, targets: Tensor, samples: int) -> list[Tile]:
    """Cut the data along the samples, and pad with zeros to the multiples that matrix products run best at."""
    n, d = x.shape
    tiles = []
    for start in range(0, n, samples):
        count = min(samples, n - start)
        columns, rows = columns_of(d), count if count < 64 else -(-count // 16) * 16
        tile_x, tile_y = x.new_zeros(columns, rows), x.new_zeros(targets.shape[1], rows)
        tile_x[:d, :count] = x[start : start + count].t()
        tile_x[d, :count] = 1
        tile_y[:, :count] = targets[start : start + count].t()
        tiles.append(Tile(tile_x, tile_y, count))
    return tiles


@lru_cache(maxsize=16)
def network_blocks(
    extents: tuple[int, ...], units: int, d_out: int = 1, span: int = 1
) -> tuple[tuple[int, int, int], ...]:
    """Cut the batch into runs of networks (start, stop, width) of about ``span * units`` hidden units with padding.

    A run also ends where going on would widen the networks in it by more than a sixteenth of ``units`` in all.
    Networks with more outputs than neurons count by their outputs.
    """
    blocks = []
    most = span * units
    start, width = 0, 0
    for k, extent in enumerate(extents):
        wider = max(width, extent)
        padding = (k - start) * (wider - width)
        if k > start and ((k + 1 - start) * max(wider, d_out) > most or 16 * padding > units):
            blocks.append((start, k, width))
            start, wider = k, extent
        width = wider
    blocks.append((start, len(extents), width))
    return tuple(blocks)


@lru_cache(maxsize=16)
def order_by_width(
    extents: tuple[int, ...], units: int, d_out: int, device: torch.device
) -> tuple[Tensor, tuple[int, ...]] | None:
    """Return the order of the networks by width, and the widths; None where it saves less than a tenth of the work."""
    order = sorted(range(len(extents)), key=extents.__getitem__)
    ordered = Extents(extents[k] for k in order)
    plain, better = (
        sum((stop - start) * width for start, stop, width in network_blocks(widths, units, d_out))
        for widths in (extents, ordered)
    )
    return (torch.tensor(order, device=device), ordered) if plain > 1.1 * better else None
