"""Training a batch of networks by a discrete optimizer, with a status of its own for each network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from quadrics.errors import DimensionError, NonFiniteError

from .batch import Batch
from .objective import LossFunction
from .optimizers import Optimizer
from .recorder import Recorder
from .status import Status

__all__ = ["RunResult", "train"]


@dataclass(frozen=True, eq=False)
class RunResult:
    """What training gives back: final networks, and how each of them ended.

    Attributes:
        batch: the final networks, in the order they came in; every parameter is finite.
        loss: (n,) their loss on all the data.
        status: (n,) int8 of ``Status``.
        steps: (n,) how many steps each took.
        recorder: the recorder that was passed, filled.
    """

    batch: Batch
    loss: Tensor
    status: Tensor
    steps: Tensor
    recorder: Recorder | None


def train(
    batch: Batch,
    objective: LossFunction,
    optimizer: Optimizer,
    steps: int,
    recorder: Recorder | None = None,
    *,
    minibatch: int | None = None,
    generator: torch.Generator | None = None,
    tolerance: float | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> RunResult:
    """Train every network of the batch; the batch that comes in is left as it is.

    A network whose loss or gradient becomes NaN or infinite stops there and keeps the last state where both were
    finite (``NON_FINITE``); one whose gradient norm falls to ``tolerance`` stops too (``CONVERGED``). The others go
    on without them as if they had never been there (up to the rounding of matrix products of another size). A
    squared gradient norm beyond the largest float counts as infinite.

    Args:
        objective: the loss, shared by all networks.
        optimizer: ``GradientDescent``, ``Adam``, or anything with ``start`` and ``step``.
        steps: how many steps to take.
        recorder: keeps values at the steps it wants, step 0 and the last among them.
        minibatch: size of the random parts of the data (each epoch a permutation cut in order, the last part may be
            smaller; the same for all networks); None for all the data at each step.
        generator: where the permutations come from; needed with ``minibatch``.
        tolerance: gradient norm (Euclidean, over all parameters of a network) to stop at; all the data only.
        progress: called now and then with the number of steps done and of all.

    Raises:
        DimensionError: negative steps, a minibatch that is no part of the data, or one without a generator.
        NonFiniteError: a tolerance that is no finite number, or one with minibatches.

    >>> from .objective import Objective
    >>> from .optimizers import GradientDescent
    >>> data = Objective(torch.tensor([[1.0]]), torch.tensor([6.0]))
    >>> start = Batch(torch.full((2, 1, 1), 2.0), torch.tensor([[[2.0]], [[-2.0]]]))
    >>> result = train(start, data, GradientDescent(0.05), steps=200, tolerance=1e-5)
    >>> [Status(code).name for code in result.status.tolist()]
    ['CONVERGED', 'CONVERGED']

    With balanced weights the sign of ``a`` cannot change: the second network is stuck at zero.

    >>> result.loss.round()
    tensor([ 0., 36.])
    """
    if steps < 0:
        raise DimensionError(f"steps: got {steps}; expected at least 0")
    if tolerance is not None and not (tolerance >= 0 and minibatch is None):
        raise NonFiniteError(
            f"tolerance: got {tolerance} with minibatch {minibatch}; expected a number of at least 0, without minibatch"
        )
    parts = _parts(objective, minibatch, generator)
    every = max(1, steps // 200)
    status = torch.full((batch.n,), Status.STEP_LIMIT, dtype=torch.int8, device=batch.device)
    taken = torch.full((batch.n,), steps, dtype=torch.int64, device=batch.device)
    rows = torch.arange(batch.n, device=batch.device)
    final = batch.clone()
    work = previous = batch
    state = optimizer.start(batch)
    if recorder is not None:
        recorder.start(batch, steps)
    for t in range(steps + 1):
        part = objective if t == steps else next(parts)
        loss, gradient = part.loss_and_gradient(work)
        size = gradient.squared_norm()
        bad = ~torch.isfinite(loss + size)
        done = torch.zeros_like(bad) if tolerance is None else (size <= tolerance**2) & ~bad
        if bool((bad | done).any()):
            status[rows[bad]], status[rows[done]] = int(Status.NON_FINITE), int(Status.CONVERGED)
            taken[rows[bad]], taken[rows[done]] = max(t - 1, 0), t
            _keep(final, rows, bad, previous)
            _keep(final, rows, done, work)
            if recorder is not None and bool(done.any()):
                ended = done.nonzero()[:, 0]
                recorder.settle(t, rows[ended], work.select(ended), loss[ended], gradient.select(ended))
            on = (~(bad | done)).nonzero()[:, 0]
            rows = rows[on]
            if rows.numel() == 0:
                break
            work, previous, state = work.select(on), previous.select(on), state.select(on)
            loss, gradient = loss[on], gradient.select(on)
        if recorder is not None and recorder.wants(t):
            recorder.record(t, rows, work, loss if part is objective else objective.loss(work), gradient)
        if t < steps:
            previous = work
            work, state = optimizer.step(work, gradient, state)
            if recorder is not None:
                recorder.after_step(rows, previous, work, gradient)
            if progress is not None and (t + 1) % every == 0:
                progress(t + 1, steps)
    if rows.numel():
        _keep(final, rows, torch.ones_like(rows, dtype=torch.bool), work)
    if progress is not None:
        progress(steps, steps)
    return RunResult(final, objective.loss(final), status, taken, recorder)


def _keep(final: Batch, rows: Tensor, which: Tensor, source: Batch) -> None:
    for kept, now in zip(final.parameters, source.parameters, strict=True):
        kept[rows[which]] = now[which]


def _parts(objective: LossFunction, minibatch: int | None, generator: torch.Generator | None) -> Iterator[LossFunction]:
    """Return what each step descends on: all the data, or the next part of a random permutation."""
    if minibatch is None:
        return _forever(objective)
    n = objective.n_samples
    if not 1 <= minibatch <= n:
        raise DimensionError(f"minibatch: got {minibatch}; expected a size from 1 to {n} samples")
    if generator is None:
        raise DimensionError("generator: got none; expected a torch.Generator to draw the minibatches with")
    return _drawn(objective, minibatch, generator)


def _forever(objective: LossFunction) -> Iterator[LossFunction]:
    while True:
        yield objective


def _drawn(objective: LossFunction, minibatch: int, generator: torch.Generator) -> Iterator[LossFunction]:
    while True:
        order = torch.randperm(objective.n_samples, generator=generator, device=generator.device)
        for start in range(0, objective.n_samples, minibatch):
            yield objective.subset(order[start : start + minibatch])
