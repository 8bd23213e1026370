"""The loss and its gradient of rectifier networks with one output, in one pass over the data (``rectified.cpp``)."""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from torch import Tensor

from quadrics.sample_losses import OUTPUT, SAMPLE_LOSSES, TARGET

from ..activation import Sigma, sigma_of
from ..batch import Batch
from ..extents import Extents
from ..field import Field
from ..gradient import Gradient
from ..losses import LossName, summed_loss
from ..tiling import CACHE_BYTES
from .compiler import library, read_source
from .printer import vector_function
from .tensors import Addresses, addresses, in_one_piece

__all__ = ["RectifiedKernel"]

POINTER, INTEGER, REAL, FLAG = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double, ctypes.c_int
PARAMETERS: tuple[Any, ...] = (
    *[POINTER] * 5, *[INTEGER] * 3,  # networks
    *[POINTER] * 3, *[INTEGER] * 4,  # data
    *[REAL] * 2,  # rectifier
    *[POINTER] * 5, REAL, FLAG,  # what is found
    *[INTEGER] * 2, POINTER, FLAG,  # blocks, workspace, threads
)  # fmt: skip
WORKSPACE = 2**18
"""Bytes that the sums of the networks that visit a block together may take: a part of the second cache."""
MOST_TOGETHER = 16
BY_ROWS, BY_COLUMNS, FEWEST = 128, 256, 64
"""Samples of a block: their inputs and a network's hidden layer stay in the first cache."""
LANE_SUM, WORTH = 20, 1.2
"""Multiplications that the sum of a register's lanes costs as much as; how much fewer make columns worth it."""
CALL, FEW = 5e9, 2e6
"""Operations of one call, about a tenth of a second; and for which threads are not worth the while to start them."""


class _Plan(NamedTuple):
    """How networks of one width are worked on.

    ``rows``: the samples in rows, or None where columns serve better; ``row``: the numbers of a neuron's sums;
    ``block``: samples visited at a time; ``together``: networks that do so at most; ``sums``, ``layer``: numbers of
    memory for the sums of a network, and for a hidden layer and an output.
    """

    rows: Tensor | None
    row: int
    block: int
    together: int
    sums: int
    layer: int


class RectifiedKernel:
    """A data set in the layout that the kernel reads, and the kernel for its loss.

    Args:
        x: (N, d) inputs on the CPU, float32 or float64.
        targets: (N, 1).
        loss: ``"mse"`` or ``"bce"``.
        code: the library compiled for the loss.
        memory: bytes that the workspace may take, and so may the outputs of what is worked on at a time; by default
            2 MB each, the workspace for each thread, and the outputs of a network whatever they take.
    """

    def __init__(
        self, x: Tensor, targets: Tensor, loss: LossName, code: ctypes.CDLL, memory: int | None = None
    ) -> None:
        self.n, self.d = x.shape
        self.targets, self.loss = targets, loss
        lanes = code.lane_bytes() // x.element_size()
        self.lanes, self.size, self.memory = lanes, x.element_size(), memory
        self.stride = _up(self.n, lanes)
        self.columns = x.new_zeros(self.d + 1, self.stride)
        self.columns[: self.d, : self.n] = x.t()
        self.columns[self.d, : self.n] = 1
        self.y = x.new_zeros(self.stride)
        self.y[: self.n] = targets[:, 0]
        self._plans: dict[tuple[int, int], _Plan] = {}
        self._rows: dict[int, Tensor] = {}
        self._call = code[f"rectified_{str(x.dtype).removeprefix('torch.')}"]
        self._call.argtypes, self._call.restype = PARAMETERS, None

    @classmethod
    def of(cls, x: Tensor, targets: Tensor, loss: LossName, memory: int | None = None) -> RectifiedKernel | None:
        """Return the kernel for these data and this loss, or None where there is none."""
        if x.device.type != "cpu" or x.dtype not in (torch.float32, torch.float64) or targets.shape[1] != 1:
            return None
        code = library(_source(loss)) if loss in SAMPLE_LOSSES else None
        return None if code is None else cls(x, targets, loss, code, memory)

    def run(self, batch: Batch, loss: Tensor | None, slopes: Gradient | Field | None) -> bool:
        """Fill ``loss`` and a gradient or field, where they are wanted, and return whether that was possible.

        It is not for activations other than rectifiers, for parameters that are no plain memory of fitting shapes, and
        where the memory does not suffice for one network at a time.
        """
        sigma, n, width = sigma_of(batch.activation), batch.n, batch.width
        if not (isinstance(sigma, Sigma) and sigma.is_rectifier) or len(batch.extents) != n:
            return False
        shapes = ((n, width, self.d), (n, width), (n, 1, width), (n, 1))
        given = in_one_piece((batch.W1, batch.b1, batch.W2, batch.b2), shapes)
        inputs = self.d + (batch.b1 is not None)
        plan = self._plan(width, inputs)
        threads, together = self._share(plan, n, 4 * width * inputs * self.n)
        outputs = 0 if loss is None else self._outputs()
        if given is None or threads == 0 or (loss is not None and outputs == 0):
            return False
        workspace = self.y.new_empty(threads * (together * plan.sums + plan.layer))
        # In calls so short that Ctrl-C is heard between them; of so many networks as there is room for outputs of.
        span = max(1, int(CALL / (4 * width * inputs * self.n)))
        span = min(n, span if loss is None else min(span, outputs))
        f = None if loss is None else self.y.new_empty(span, self.stride)
        networks, widths, found = given[0], _widths(batch.extents), _places(slopes)
        for start in range(0, n, span):
            count = min(span, n - start)
            self._call(
                *_rows_from(start, *networks, widths), count, width, self.d,
                *addresses(self.columns, plan.rows, self.y), self.n, self.stride, inputs, plan.row,
                sigma.alpha, sigma.beta / sigma.alpha,
                *_rows_from(start, *found), *addresses(f), 1 / self.n, isinstance(slopes, Gradient),
                together, plan.block, *addresses(workspace), threads,
            )  # fmt: skip
            if loss is not None and f is not None:
                value = summed_loss(f[:count, None, : self.n], self.targets.t(), self.loss)
                loss[start : start + count] = value / self.n
        return True

    def _share(self, plan: _Plan, n: int, operations: int) -> tuple[int, int]:
        """Return how many threads work, none if the memory does not suffice for one, and on how many networks each."""
        threads = torch.get_num_threads() if n * operations > FEW else 1
        one = (plan.sums + plan.layer) * self.size
        # The cache that is the limit by default is a core's own.
        limit = threads * CACHE_BYTES if self.memory is None else self.memory
        threads = min(threads, n, limit // one)
        if threads == 0:
            return 0, 0
        room = (limit // (threads * self.size) - plan.layer) // plan.sums
        return threads, max(1, min(plan.together, room, -(-n // threads)))

    def _outputs(self) -> int:
        """Return how many networks' outputs are kept at a time: at least one, unless the memory is limited."""
        size = self.stride * self.size
        return max(1, CACHE_BYTES // size) if self.memory is None else self.memory // size

    def _plan(self, width: int, inputs: int) -> _Plan:
        """Return how to work on networks, by rows or columns, whichever takes fewer operations."""
        if (width, inputs) not in self._plans:
            row = _up(inputs, self.lanes)
            by_rows, by_columns = self.n * row / self.lanes, inputs * (self.n / self.lanes + LANE_SUM)
            columns_are_small = width * inputs * self.lanes * self.size <= WORKSPACE
            rows, block = None, BY_COLUMNS
            if columns_are_small and by_columns * WORTH < by_rows:
                row = inputs * self.lanes
            else:
                rows, block = self._in_rows(row), BY_ROWS
            while block > FEWEST and width * block * self.size > WORKSPACE:
                block //= 2
            together = max(1, min(MOST_TOGETHER, WORKSPACE // (width * row * self.size)))
            self._plans[width, inputs] = _Plan(rows, row, block, together, width * row, (width + 1) * block)
        return self._plans[width, inputs]

    def _in_rows(self, row: int) -> Tensor:
        """Return the samples in rows of so many numbers; the ones for the biases are there if there is room."""
        if row not in self._rows:
            self._rows[row] = self.columns.new_zeros(self.stride, row)
            inputs = self.columns[:row].t()
            self._rows[row][:, : inputs.shape[1]] = inputs
        return self._rows[row]


@lru_cache(maxsize=len(SAMPLE_LOSSES))
def _source(loss: LossName) -> str:
    derivative = vector_function("loss_derivative", SAMPLE_LOSSES[loss].diff(OUTPUT), (OUTPUT, TARGET))
    return "\n".join([read_source("vectors.hpp"), derivative, read_source("rectified.cpp")])


@lru_cache(maxsize=16)
def _widths(extents: Extents) -> Tensor:
    return torch.tensor(extents, dtype=torch.int64)


def _up(count: int, multiple: int) -> int:
    return -(-count // multiple) * multiple


def _places(slopes: Gradient | Field | None) -> tuple[Tensor | None, ...]:
    """Where to put slopes: of W1, b1, W2, b2."""
    if isinstance(slopes, Field):
        return (slopes.v, slopes.bias, None, slopes.b2)
    return (None,) * 4 if slopes is None else (slopes.W1, slopes.b1, slopes.W2, slopes.b2)


def _rows_from(start: int, *tensors: Tensor | None) -> Addresses:
    """Where tensors lie in memory from this row on."""
    return [None if t is None else t.data_ptr() + start * t.stride(0) * t.element_size() for t in tensors]
