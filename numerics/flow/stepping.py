"""Following the flows of a batch step by step, each network with a clock of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor

from quadrics.errors import DimensionError, NonFiniteError

from ..batch import Batch
from ..field import Field
from ..gradient import Gradient
from ..status import Status
from .result import FlowResult, Path

__all__ = ["Method", "Progress", "Trial", "follow", "is_finite", "merged"]

Progress = Callable[[int, int], None]
Slope = TypeVar("Slope", Gradient, Field)
FULL = 1000
"""What the flow as a whole counts in a progress report."""


class Trial(NamedTuple):
    """What became of a step of m networks.

    Attributes:
        batch: where it led.
        accepted: (m,), never a step that is not finite; None where all others are.
        h: (m,) how long the next step should be, or None for as long as before.
    """

    batch: Batch
    accepted: Tensor | None = None
    h: Tensor | None = None


class Method(Protocol[Slope]):
    """What ``follow`` needs to know of an integrator."""

    @property
    def evaluations(self) -> int:
        """Gradients of a step besides the one at its start, which is computed once for all tries."""
        ...

    def slope(self, batch: Batch) -> Slope:
        """Return the gradients, or the fields, of networks."""
        ...

    def norm(self, batch: Batch, slope: Slope) -> Tensor:
        """Return (m,): the norm of each gradient."""
        ...

    def first_step(self, batch: Batch, slope: Slope) -> Tensor:
        """Return (m,) float64: how long the first step should be."""
        ...

    def limit(self, slope: Slope) -> Tensor | None:
        """Return (m,): what a step must not exceed, or None."""
        ...

    def advance(self, batch: Batch, slope: Slope, h: Tensor) -> Trial:
        """Try a step of the lengths h (m,)."""
        ...

    def select(self, index: Tensor) -> Method[Slope]:
        """Return the method for the networks at ``index``."""
        ...


def follow(
    method: Method[Slope],
    batch: Batch,
    times: Tensor,
    *,
    tolerance: float | None = None,
    max_steps: int = 1_000_000,
    progress: Progress | None = None,
) -> FlowResult:
    """Follow the flows from the batch, which is the state at the first of the times, to the last of them.

    What is left to the next time is cut into equal steps, so that each of the times is met. A network whose step is
    not finite keeps the state before it (``NON_FINITE``); one that an integrator has to follow with steps below
    the rounding of its time is given up (``FAILED``); so is one after ``max_steps`` steps, rejected ones among them
    (``STEP_LIMIT``). The others go on without it.

    Args:
        tolerance: norm of the gradient (Euclidean, over all parameters) at which a network stays (``CONVERGED``).
        progress: called with how much of the time is done, and of how much, in thousandths.

    Raises:
        DimensionError: no steps allowed.
        NonFiniteError: a tolerance that is no number of at least 0.
    """
    if max_steps < 1:
        raise DimensionError(f"max_steps: got {max_steps}; expected at least 1")
    if tolerance is not None and not 0 <= tolerance < float("inf"):
        raise NonFiniteError(f"tolerance: got {tolerance}; expected a finite number of at least 0")
    path = Path(batch, times)
    with torch.no_grad():
        walk: _Walk[Slope] = _Walk(method, batch, path, times.to(batch.device))
        for steps in range(max_steps + 1):
            if progress is not None:
                progress(walk.done(), FULL)
            if len(times) == 1 or walk.rows.numel() == 0:
                break
            if steps == max_steps:
                path.stop(walk.rows, walk.work, walk.t, Status.STEP_LIMIT, walk.everyone())
                break
            walk.step(tolerance)
        path.evaluations[walk.rows] = walk.evaluations
    return path.result()


class _Walk(Generic[Slope]):
    """The networks that are still on their way: their rows in the batch, states, times and next goals."""

    def __init__(self, method: Method[Slope], batch: Batch, path: Path, times: Tensor) -> None:
        self.method: Method[Slope] = method
        self.path, self.times = path, times
        self.work = batch
        self.rows = torch.arange(batch.n, device=batch.device)
        self.t = times[0].repeat(batch.n)
        self.goal = torch.ones_like(self.rows)
        self.evaluations = torch.zeros_like(self.rows)
        self.slope: Slope | None = None
        self.moved: Tensor | None = None  # whose slope is not that of where they are; None: everyone's
        self.h: Tensor | None = None

    def everyone(self) -> Tensor:
        """True for each network."""
        return torch.ones_like(self.rows, dtype=torch.bool)

    def done(self) -> int:
        """How much of all networks' time is done, or given up."""
        left = (self.times[-1] - self.t).sum() / (self.times[-1] - self.times[0]) / len(self.path.status)
        return FULL if self.rows.numel() == 0 or len(self.times) == 1 else int(FULL * (1 - left))

    def keep(self, on: Tensor) -> None:
        """Leave all networks behind but those at ``on``."""
        self.path.evaluations[self.rows] = self.evaluations
        index = on.nonzero()[:, 0]
        own = (self.rows, self.t, self.goal, self.evaluations)
        self.rows, self.t, self.goal, self.evaluations = (t[index] for t in own)
        self.moved, self.h = (None if t is None else t[index] for t in (self.moved, self.h))
        if index.numel():
            self.work, self.method = self.work.select(index), self.method.select(index)
            self.slope = None if self.slope is None else self.slope.select(index)

    def refresh(self) -> Slope:
        """Return the slopes, computed anew for those who have moved."""
        slope = self.slope
        if slope is None or self.moved is None:
            slope = self.method.slope(self.work)
            self.evaluations += 1
        else:
            index = self.moved.nonzero()[:, 0]
            if index.numel():
                new = self.method.slope(self.work.select(index))
                pairs = zip(slope, new, strict=True)
                parts = (x if x is None or y is None else x.index_copy(0, index, y) for x, y in pairs)
                slope = type(slope)(*parts)  # type: ignore[arg-type]
                self.evaluations += self.moved
        self.slope = slope
        return slope

    def step(self, tolerance: float | None) -> None:
        """Let every network try a step, and those that are done or lost leave."""
        slope = self.refresh()
        if self.h is None:
            self.h = self.method.first_step(self.work, slope)
        if tolerance is not None:
            there = self.method.norm(self.work, slope) <= tolerance
            if bool(there.any()):
                self.path.settle(self.goal, self.rows, self.work, self.t, there)
                self.keep(~there)
                if self.rows.numel() == 0:
                    return
                assert self.slope is not None
                slope = self.slope
        limit = self.method.limit(slope)
        h = self.h if limit is None else torch.minimum(self.h, limit.to(self.h))
        aim = self.times[self.goal]
        left = aim - self.t
        pieces = (left / h * (1 - 1e-12)).ceil().clamp(min=1)
        h = left / pieces
        trial = self.method.advance(self.work, slope, h)
        self.evaluations += self.method.evaluations
        is_last = pieces == 1
        after = torch.where(is_last, aim, self.t + h)
        moves = after > self.t
        good = (is_finite(trial.batch) if trial.accepted is None else trial.accepted) & moves
        arrived = good & is_last
        if trial.h is not None:
            self.h = trial.h
        if bool(good.all()):
            lost = ~good
            self.work, self.t, self.moved = trial.batch, after, None
        else:
            # A step that vanishes beside the time: never taken by a fixed step, unless it was vanishing from the start.
            lost = ~good if trial.accepted is None else ~(good | (moves & (self.t + self.h > self.t)))
            if bool(lost.any()):
                finite = is_finite(trial.batch)
                self.path.stop(self.rows, self.work, self.t, Status.NON_FINITE, lost & ~finite)
                self.path.stop(self.rows, self.work, self.t, Status.FAILED, lost & finite)
            self.work = merged(good, trial.batch, self.work)
            self.t, self.moved = torch.where(good, after, self.t), good
        if bool((lost | arrived).any()):
            self.path.arrive(self.goal, self.rows, self.work, arrived)
            self.goal = self.goal + arrived
            ended = arrived & (self.goal == len(self.times))
            self.goal = self.goal.clamp(max=len(self.times) - 1)
            if bool((lost | ended).any()):
                self.keep(~(lost | ended))


def is_finite(batch: Batch) -> Tensor:
    """Return (n,): whether all parameters of a network are finite (and their sum, which is what is looked at)."""
    first, *others = (t.flatten(1).sum(1) for t in batch.parameters)
    for other in others:
        first = first + other
    return torch.isfinite(first)


def merged(which: Tensor, new: Batch, old: Batch) -> Batch:
    """Return the new networks where ``which`` (n,) holds, and the old ones elsewhere."""
    pairs = zip((new.W1, new.W2, new.b1, new.b2), (old.W1, old.W2, old.b1, old.b2), strict=True)
    W1, W2, b1, b2 = (
        None if x is None or y is None else torch.where(which.view(-1, *[1] * (x.ndim - 1)), x, y) for x, y in pairs
    )
    assert W1 is not None
    assert W2 is not None
    return new.replace(W1, W2, b1, b2)
