"""The loss and its gradient of rectifier networks with one output, in one pass over the data (``rectified.cpp``)."""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ..activation import Sigma, homogeneous_sigma_of, sigma_of
from ..batch import Batch
from ..extents import Extents
from ..field import Field
from ..gradient import Gradient
from ..losses import FORMULAS, OUTPUT, TARGET, LossName, summed_loss
from ..tiling import CACHE_BYTES
from .compiler import library, read_source
from .printer import vector_function

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
CALL = 5e9
"""Operations of one call, about a tenth of a second: between calls Ctrl-C is heard."""


class _Plan(NamedTuple):
    """How networks of one width are worked on.

    ``rows``: the samples in rows, or None where columns serve better; ``row``: the numbers of a neuron's sums;
    ``block``: samples visited at a time, by ``together`` networks; ``workspace``: numbers of memory for all threads.
    """

    rows: Tensor | None
    row: int
    block: int
    together: int
    workspace: int


class RectifiedKernel:
    """A data set in the layout that the kernel reads, and the kernel for its loss.

    Args:
        x: (N, d) inputs on the CPU, float32 or float64.
        targets: (N, 1).
        loss: ``"mse"`` or ``"bce"``.
        code: the library compiled for the loss.
        memory: bytes that the workspace may take, and so may the outputs of what is worked on at a time.
    """

    def __init__(
        self, x: Tensor, targets: Tensor, loss: LossName, code: ctypes.CDLL, memory: int | None = None
    ) -> None:
        self.n, self.d = x.shape
        self.targets, self.loss = targets, loss
        lanes = code.lane_bytes() // x.element_size()
        self.lanes, self.size, self.memory = lanes, x.element_size(), CACHE_BYTES if memory is None else memory
        self.stride = _up(self.n, lanes)
        self.columns = x.new_zeros(self.d + 1, self.stride)
        self.columns[: self.d, : self.n] = x.t()
        self.columns[self.d, : self.n] = 1
        self.y = x.new_zeros(self.stride)
        self.y[: self.n] = targets[:, 0]
        self._plans: dict[tuple[int, int, int], _Plan] = {}
        self._rows: dict[int, Tensor] = {}
        self._call = code[f"rectified_{str(x.dtype).removeprefix('torch.')}"]
        self._call.argtypes, self._call.restype = PARAMETERS, None

    @classmethod
    def of(cls, x: Tensor, targets: Tensor, loss: LossName, memory: int | None = None) -> RectifiedKernel | None:
        """Return the kernel for these data and this loss, or None where there is none."""
        if x.device.type != "cpu" or x.dtype not in (torch.float32, torch.float64) or targets.shape[1] != 1:
            return None
        code = library(_source(loss)) if loss in FORMULAS else None
        return None if code is None else cls(x, targets, loss, code, memory)

    def suits(self, batch: Batch, with_loss: bool = True) -> bool:
        """Whether these are rectifier networks, and the memory suffices for one at a time."""
        sigma = sigma_of(batch.activation)
        if not (isinstance(sigma, Sigma) and sigma.is_rectifier):
            return False
        outputs = self.stride * self.size if with_loss else 0
        return max(self._plan(batch).workspace * self.size, outputs) <= self.memory

    def run(self, batch: Batch, loss: Tensor | None, slopes: Gradient | Field | None) -> None:
        """Fill ``loss`` and a gradient or field, where they are wanted.

        For the loss, which torch computes of the outputs, so many networks at a time as the memory has outputs of.
        """
        if loss is None:
            self._visit(batch, slopes, None)
            return
        most = self.memory // (self.stride * self.size)
        for start in range(0, batch.n, most):
            part = slice(start, start + most)
            few, found = (batch, slopes) if most >= batch.n else (batch.part(part), slopes and slopes.part(part))
            outputs = self.y.new_empty(few.n, self.stride)
            self._visit(few, found, outputs)
            loss[part] = summed_loss(outputs[:, None, : self.n], self.targets.t(), self.loss) / self.n

    def _visit(self, batch: Batch, slopes: Gradient | Field | None, outputs: Tensor | None) -> None:
        """Fill the gradients or fields and the outputs (n, stride), where they are wanted."""
        sigma = homogeneous_sigma_of(batch.activation, "kernel")
        n, width, inputs, plan = batch.n, batch.width, self._inputs(batch), self._plan(batch)
        W1, W2, b1, b2 = (None if t is None else t.contiguous() for t in (batch.W1, batch.W2, batch.b1, batch.b2))
        found: tuple[Tensor | None, ...] = (None,) * 4
        if isinstance(slopes, Field):
            found = (slopes.v, slopes.bias, None, slopes.b2)
        elif slopes is not None:
            found = (slopes.W1, slopes.b1, slopes.W2, slopes.b2)
        workspace = self.y.new_empty(plan.workspace)
        span = max(plan.together, int(CALL / (4 * width * inputs * self.n)) // plan.together * plan.together)
        for start in range(0, n, span):
            self._call(
                *_at(start, W1, b1, W2, b2, _widths(batch.extents)), min(span, n - start), width, self.d,
                *_at(0, self.columns, plan.rows, self.y), self.n, self.stride, inputs, plan.row,
                sigma.alpha, sigma.beta / sigma.alpha,
                *_at(start, *found, outputs), 1 / self.n, isinstance(slopes, Gradient),
                plan.together, plan.block, *_at(0, workspace), torch.get_num_threads(),
            )  # fmt: skip

    def _inputs(self, batch: Batch) -> int:
        return self.d + (batch.b1 is not None)

    def _plan(self, batch: Batch) -> _Plan:
        """Return how to work on networks, by rows or columns, whichever takes fewer operations."""
        key = width, inputs, threads = batch.width, self._inputs(batch), torch.get_num_threads()
        if key not in self._plans:
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
            one = width * row  # the sums of a network; beside them there is a hidden layer and an output
            room = self.memory // (threads * self.size) - (width + 1) * block
            together = max(1, min(MOST_TOGETHER, WORKSPACE // (one * self.size), room // one))
            self._plans[key] = _Plan(rows, row, block, together, threads * (together * one + (width + 1) * block))
        return self._plans[key]

    def _in_rows(self, row: int) -> Tensor:
        """Return the samples in rows of so many numbers; the ones for the biases are there if there is room."""
        if row not in self._rows:
            self._rows[row] = self.columns.new_zeros(self.stride, row)
            inputs = self.columns[:row].t()
            self._rows[row][:, : inputs.shape[1]] = inputs
        return self._rows[row]


@lru_cache(maxsize=len(FORMULAS))
def _source(loss: LossName) -> str:
    derivative = vector_function("loss_derivative", FORMULAS[loss].diff(OUTPUT), (OUTPUT, TARGET))
    return "\n".join([read_source("vectors.hpp"), derivative, read_source("rectified.cpp")])


@lru_cache(maxsize=16)
def _widths(extents: Extents) -> Tensor:
    return torch.tensor(extents, dtype=torch.int64)


def _up(count: int, multiple: int) -> int:
    return -(-count // multiple) * multiple


def _at(row: int, *tensors: Tensor | None) -> list[int | None]:
    """Where a row of each tensor lies in memory."""
    return [None if t is None else t.data_ptr() + row * t.stride(0) * t.element_size() for t in tensors]
