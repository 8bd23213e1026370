"""Training steps as one fixed sequence of operations on tensors that stay where they are.

Nothing in a step depends on numbers that the processor would have to see: a network whose gradient is not finite is
masked out instead of removed. So an accelerator can record the operations of a step once, as a CUDA graph, and repeat
them without being told each one. Where there is no such device the same step runs operation by operation.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import torch
from torch import Tensor

from .batch import Batch
from .gradient import Gradient, LossFunction
from .optimizers import GradientDescent, Optimizer, State
from .recorder import Recorder

__all__ = ["FixedSteps", "has_fixed_steps"]

WARM_UP = 3
"""Steps before the recording: libraries set themselves up, and momentum gets its first velocity."""


def has_fixed_steps(optimizer: Optimizer, recorder: Recorder | None) -> bool:
    """Whether every step is the same sequence of operations: not with Adam, whose factors depend on the step's number.

    >>> from .optimizers import Adam
    >>> has_fixed_steps(GradientDescent(0.1), None), has_fixed_steps(Adam(), None)
    (True, False)
    """
    return isinstance(optimizer, GradientDescent) and (recorder is None or recorder.is_capturable)


class FixedSteps:
    """A batch in training, all networks at once, each until its gradient is no longer finite.

    Attributes:
        current: the networks after the steps done so far; one that stopped stays at the state that stopped it.
        kept: the last state of each before ``current``.
        alive: (n,) bool, False where a network stopped.
        finite: (n,) int64, at how many states its gradient was found finite.

    >>> from .objective import Objective
    >>> batch = Batch(torch.full((2, 1, 1), 2.0), torch.tensor([[[2.0]], [[-2.0]]]))
    >>> loop = FixedSteps(batch, Objective(torch.ones(1, 1), torch.tensor([6.0])), GradientDescent(0.05))
    >>> loop.advance(200)
    >>> loop.current.output(torch.ones(1, 1)).flatten().round().abs()
    tensor([6., 0.])
    >>> loop.replays  # on a CPU
    0
    """

    def __init__(
        self,
        batch: Batch,
        objective: LossFunction,
        optimizer: Optimizer,
        recorder: Recorder | None = None,
        *,
        capture: bool = True,
    ) -> None:
        _ = batch.extents  # looked up here, as it needs the numbers
        self.objective, self.optimizer, self.recorder = objective, optimizer, recorder
        self.current, self.kept = batch.clone(), batch.clone()
        self.state = optimizer.start(batch)
        self.rows = torch.arange(batch.n, device=batch.device)
        self.alive = torch.ones_like(self.rows, dtype=torch.bool)
        self.finite = torch.zeros_like(self.rows)
        self.capture = capture and batch.device.type == "cuda"
        self.replays = 0
        self._replay: Callable[[], None] | None = None

    def advance(self, steps: int) -> None:
        """Take so many steps; on an accelerator they may still be running when this returns."""
        if self.capture and self._replay is None and steps > WARM_UP:
            _warm_up(self.step)
            steps -= WARM_UP
            try:
                self._replay = _record(self.step)
            except RuntimeError as error:
                self.capture = False
                warnings.warn(f"steps are not recorded as a CUDA graph, but taken one by one: {error}", stacklevel=2)
        for _ in range(steps):
            if self._replay is None:
                self.step()
            else:
                self._replay()
                self.replays += 1

    @torch.no_grad()
    def step(self) -> None:
        """Take one step, in place."""
        gradient = self.objective.gradient(self.current)
        ok = self.alive & torch.isfinite(gradient.squared_norm())
        after, state = self.optimizer.step(self.current, gradient, self.state)
        if self.recorder is not None:
            before = _pick(ok, self.current, self.kept)
            masked = (None if g is None else torch.where(_beside(ok, g), g, 0) for g in gradient)
            gradient = Gradient(*masked)  # type: ignore[arg-type]
            self.recorder.after_step(self.rows, before, _pick(ok, after, before), gradient)
        _overwrite(self.kept, ok, self.current)
        _overwrite(self.current, ok, after)
        self.alive.copy_(ok)
        self.finite.add_(ok)
        self._carry(state)

    def _carry(self, state: State) -> None:
        """Keep the optimizer's buffers where they were, once there are any."""
        if not self.state.buffers:
            self.state = state
            return
        for to, source in zip(self.state.buffers, state.buffers, strict=True):
            for old, new in zip(to, source, strict=True):
                old.copy_(new)

    def examine(self) -> tuple[Tensor, Gradient]:
        """Return the losses and gradients as they are now; networks where they are not finite stop here."""
        loss, gradient = self.objective.loss_and_gradient(self.current)
        self.alive &= torch.isfinite(loss + gradient.squared_norm())
        return loss, gradient

    def wait(self) -> None:
        """Return when the steps are done."""
        if self.current.device.type == "cuda":
            torch.cuda.synchronize(self.current.device)

    def settled(self) -> Batch:
        """Return the networks as they are now or, where one has stopped, in the state before that."""
        return _pick(self.alive, self.current, self.kept)


def _pick(ok: Tensor, first: Batch, second: Batch) -> Batch:
    """Return the networks of the first batch where ``ok`` (n,), those of the second elsewhere."""
    other = second.clone()
    _overwrite(other, ok, first)
    return other


def _overwrite(target: Batch, ok: Tensor, source: Batch) -> None:
    """Replace the networks where ``ok`` (n,)."""
    for old, new in zip(target.parameters, source.parameters, strict=True):
        torch.where(_beside(ok, old), new, old, out=old)


def _beside(ok: Tensor, parameter: Tensor) -> Tensor:
    return ok.view(-1, *[1] * (parameter.ndim - 1))


def _warm_up(step: Callable[[], None]) -> None:
    """Take the first steps on a stream that is not the default one, as what is to be recorded must have."""
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM_UP):
            step()
    torch.cuda.current_stream().wait_stream(side)


def _record(step: Callable[[], None]) -> Callable[[], None]:
    """Record a step, which does not take it, and return what repeats the recording."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay
