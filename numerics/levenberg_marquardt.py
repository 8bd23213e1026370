r"""Levenberg's and Marquardt's method for many least-squares problems at once: the last digits of a minimum.

Each problem minimizes ``L(p) = |r(p)|^2``. With the Jacobian J of the residual r, a step solves

.. math:: (J^T J + \lambda I)\, h = -J^T r ,

and is taken if it lowers the loss. The damping is Nielsen's: the quotient of actual and predicted decrease says how
much smaller lambda may become; a refused step makes it larger, faster each time.

At a degenerate minimum, as where copies of a neuron merge, J loses rank. The normal equations square its singular
values, so that directions below ``sqrt(eps)`` of the largest are lost in rounding; ``method="qr"`` works on J itself: h
is the least-squares solution of ``J h = -r``, ``sqrt(lambda) h = 0``, found from the triangle of J by a second, smaller
QR for each lambda (Moré). With r as one more column of J its orthogonal factor is never needed.

References: K. Madsen, H. Nielsen, O. Tingleff, Methods for Non-Linear Least Squares Problems (2004), section 3.2;
J. Moré, The Levenberg-Marquardt algorithm: implementation and theory, LNM 630 (1978), section 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from quadrics.errors import DimensionError, NonFiniteError, ShapeError

from .status import Status

__all__ = ["LeastSquaresResult", "levenberg_marquardt"]

Rows = Callable[[Tensor], Tensor]

CHUNK_BYTES = 2**23
"""Size of the Jacobians that are held at a time on a CPU: one at least."""
DEVICE_CHUNK_BYTES = 2**30
"""The same on an accelerator."""
FIRST_DAMPING = 1e-3
"""The first lambda, relative to the largest diagonal entry of ``J^T J``."""
LEAST_FACTOR = 1 / 10
"""No step makes lambda smaller by more than this."""


@dataclass(frozen=True, eq=False)
class LeastSquaresResult:
    """What the method gives back.

    Attributes:
        point: (n, p) the best points found, all finite where the start had a finite residual.
        loss: (n,) ``|r|^2`` there.
        gradient_norm: (n,) ``|2 J^T r|`` at the last point where it was computed (NaN if it never was).
        status: (n,) int8 of ``Status``: CONVERGED, FAILED (no step that floats can resolve lowers the loss: with a
            residual that vanishes this is the end to hope for), STEP_LIMIT or NON_FINITE.
        steps: (n,) how many steps were tried.
    """

    point: Tensor
    loss: Tensor
    gradient_norm: Tensor
    status: Tensor
    steps: Tensor


def levenberg_marquardt(
    residual: Rows,
    start: Tensor,
    *,
    jacobian: Rows | None = None,
    steps: int,
    tolerance: float = 0.0,
    target: float = 0.0,
    method: Literal["normal", "qr"] = "normal",
    progress: Callable[[int, int], None] | None = None,
) -> LeastSquaresResult:
    """Minimize ``|r|^2`` for each row of ``start`` on its own.

    Every problem has its own damping. One that is done leaves the batch, and the others go on as if it had never been
    there; a NaN in one harms no other.

    Args:
        residual: takes (k, p) to (k, N), each row on its own, for any k.
        start: (n, p) where to begin.
        jacobian: takes (k, p) to (k, N, p); by default by automatic differentiation of ``residual``, which must then
            be made of operations that ``torch.func.vmap`` knows.
        steps: how many steps to try at most.
        tolerance: norm of the gradient ``2 J^T r`` to stop at.
        target: loss to stop at.
        method: ``"normal"``: Cholesky of the normal equations; ``"qr"``: QR of J, slower, without squaring the
            condition number.
        progress: called with the number of steps tried and of all.

    Raises:
        ShapeError: ``start``, the residual or the Jacobian has another shape, or there is no such method.
        DimensionError: negative steps, no problems, or problems without parameters.
        NonFiniteError: NaN or infinity in ``start``; a tolerance or target that is no number of at least 0.

    >>> rosenbrock = lambda p: torch.stack([10 * (p[:, 1] - p[:, 0] ** 2), 1 - p[:, 0]], 1)
    >>> start = torch.tensor([[-1.2, 1.0], [3.0, -2.0]], dtype=torch.float64)
    >>> levenberg_marquardt(rosenbrock, start, steps=100, tolerance=1e-9).point
    tensor([[1.0000, 1.0000],
            [1.0000, 1.0000]], dtype=torch.float64)

    A minimum where the residual does not vanish is found too, and a maximum of the loss is not left:

    >>> found = levenberg_marquardt(lambda p: p**2 + 1, torch.tensor([[2.0], [0.0]]), steps=100, tolerance=1e-6)
    >>> found.loss, found.point[1]
    (tensor([1., 1.]), tensor([0.]))
    """
    _check(start, steps, tolerance, target, method)
    with torch.no_grad():
        work = _Work(residual, jacobian, start, method)
        for t in range(steps):
            work.leave(tolerance, target, t)
            if work.rows.numel() == 0:
                break
            work.step()
            if progress is not None:
                progress(t + 1, steps)
        work.leave(tolerance, target, steps)
        work.stop(torch.ones_like(work.rows, dtype=torch.bool), Status.STEP_LIMIT, steps)
    if progress is not None:
        progress(steps, steps)
    return work.result


class _Work:
    """The problems that are not done, and what is known of each at its present point."""

    def __init__(self, residual: Rows, jacobian: Rows | None, start: Tensor, method: str) -> None:
        n = start.shape[0]
        self.residual, self.qr = residual, method == "qr"
        self.jacobian = _automatic(residual, start.shape[1]) if jacobian is None else jacobian
        self.rows = torch.arange(n, device=start.device)
        self.point = start.clone()
        self.chunk = 1
        self.loss = self._loss(self.point)
        self.result = LeastSquaresResult(
            start.clone(),
            self.loss.clone(),
            start.new_full((n,), float("nan")),
            torch.full((n,), Status.STEP_LIMIT, dtype=torch.int8, device=start.device),
            torch.zeros(n, dtype=torch.int64, device=start.device),
        )
        self.damping = start.new_full((n,), float("nan"))
        self.growth = start.new_full((n,), 2.0)
        self.stalled = torch.zeros(n, dtype=torch.bool, device=start.device)
        self.fresh = torch.ones(n, dtype=torch.bool, device=start.device)
        p = start.shape[1]
        # The triangle of J and the rotated residual, or J^T J; and the diagonal of J^T J.
        matrix = start.new_empty(n, p + 1, p + 1) if self.qr else start.new_empty(n, p, p)
        self.factors: tuple[Tensor, ...] = (matrix, start.new_empty(n, p))
        self.gradient = start.new_empty(n, p)

    # -- what the problems say -----------------------------------------------------------------------------------
    def _residual(self, point: Tensor) -> Tensor:
        r = self.residual(point)
        if r.ndim != 2 or r.shape[0] != point.shape[0] or r.shape[1] == 0:
            raise ShapeError(f"residual: got shape {tuple(r.shape)}; expected ({point.shape[0]}, N)")
        return r

    def _loss(self, point: Tensor) -> Tensor:
        first = self._residual(point[:1])
        budget = CHUNK_BYTES if point.device.type == "cpu" else DEVICE_CHUNK_BYTES
        self.chunk = max(1, budget // (first.shape[1] * point.shape[1] * point.element_size()))
        return torch.cat([self._residual(part).square().sum(1) for part in torch.split(point, self.chunk)])

    def _linearize(self, which: Tensor) -> Tensor:
        """Fill the factors of the problems ``which`` (indices); return those whose Jacobian is not finite."""
        bad = []
        for part in torch.split(which, self.chunk):
            r, J = self._residual(self.point[part]), self.jacobian(self.point[part])
            if J.shape != (*r.shape, self.point.shape[1]):
                raise ShapeError(f"jacobian: got shape {tuple(J.shape)}; expected {(*r.shape, self.point.shape[1])}")
            self.gradient[part] = (r[:, None] @ J)[:, 0]
            finite = torch.isfinite(J.sum((1, 2)) + self.gradient[part].sum(1))
            bad.append(part[~finite])
            if self.qr:
                triangle = torch.linalg.qr(torch.cat([J[finite], r[finite][..., None]], 2), mode="r").R
                short = self.point.shape[1] + 1 - triangle.shape[1]  # where residuals are few
                matrix = torch.nn.functional.pad(triangle, (0, 0, 0, short))
                self.factors[0][part[finite]] = matrix
                self.factors[1][part[finite]] = matrix[..., :-1].square().sum(1)
            else:
                gram = J.transpose(1, 2) @ J
                self.factors[0][part] = gram
                self.factors[1][part] = gram.diagonal(dim1=1, dim2=2)
        return torch.cat(bad)

    def _largest(self) -> Tensor:
        """(k,): the largest diagonal entry of ``J^T J``."""
        return self.factors[1].amax(1)

    def _solve(self) -> Tensor:
        """Return the steps h; NaN where the equations cannot be solved."""
        if self.qr:
            root = self.damping.sqrt()[:, None].expand_as(self.point)
            below = torch.nn.functional.pad(torch.diag_embed(root), (0, 1))
            triangle = torch.linalg.qr(torch.cat([self.factors[0][:, :-1], below], 1), mode="r").R[:, :-1]
            h: Tensor = -torch.linalg.solve_triangular(triangle[..., :-1], triangle[..., -1:], upper=True)[..., 0]
            return h
        gram = self.factors[0].clone()
        gram.diagonal(dim1=1, dim2=2).add_(self.damping[:, None])
        lower, info = torch.linalg.cholesky_ex(gram)
        h = -torch.cholesky_solve(self.gradient[..., None], lower)[..., 0]
        return h.masked_fill((info != 0)[:, None], float("nan"))

    # -- the loop --------------------------------------------------------------------------------------------------
    def step(self) -> None:
        """Try one step for each problem."""
        h = self._solve()
        trial = self.point + h
        loss = self._loss(trial)
        predicted = self.damping * h.square().sum(1) - (self.gradient * h).sum(1)
        gain = (self.loss - loss) / predicted
        taken = (loss < self.loss) & torch.isfinite(gain) & (predicted > 0)
        moved = (trial != self.point).any(1)
        self.stalled = ~taken & (~moved | ~torch.isfinite(self.damping))
        smaller = (1 - (2 * gain - 1) ** 3).clamp(LEAST_FACTOR, 2)
        least = torch.finfo(loss.dtype).eps ** 2 * self._largest()
        self.damping = torch.where(taken, self.damping * smaller, self.damping * self.growth).maximum(least)
        self.growth = torch.where(taken, 2.0, self.growth * 2).to(self.growth.dtype)
        self.point = torch.where(taken[:, None], trial, self.point)
        self.loss = torch.where(taken, loss, self.loss)
        self.fresh = taken

    def leave(self, tolerance: float, target: float, t: int) -> None:
        """Let go of the problems that are done after ``t`` steps, and linearize the others where they moved."""
        bad = ~torch.isfinite(self.loss)
        self.stop(bad, Status.NON_FINITE, t)
        self.stop(self.loss <= target, Status.CONVERGED, t)
        moved = self.fresh.nonzero()[:, 0]
        if moved.numel():
            broken = self._linearize(moved)
            size = 2 * torch.linalg.vector_norm(self.gradient, dim=1)
            self.result.gradient_norm[self.rows] = size
            done = size <= tolerance
            out = torch.zeros_like(done)
            out[broken] = True
            first = self.damping.isnan()
            self.damping = torch.where(first, FIRST_DAMPING * self._largest(), self.damping)
            self.stalled |= ~out & ~done & (self._largest() == 0)
            self.stop(out, Status.NON_FINITE, t)
            self.stop((2 * torch.linalg.vector_norm(self.gradient, dim=1)) <= tolerance, Status.CONVERGED, t)
        self.stop(self.stalled, Status.FAILED, t)

    def stop(self, which: Tensor, status: Status, t: int) -> None:
        """Write down the problems at ``which`` (a mask) and go on without them."""
        if not bool(which.any()):
            return
        rows = self.rows[which]
        self.result.point[rows], self.result.loss[rows] = self.point[which], self.loss[which]
        self.result.status[rows], self.result.steps[rows] = int(status), t
        on = ~which
        self.rows, self.point, self.loss = self.rows[on], self.point[on], self.loss[on]
        self.damping, self.growth = self.damping[on], self.growth[on]
        self.stalled, self.fresh = self.stalled[on], self.fresh[on]
        self.gradient = self.gradient[on]
        self.factors = tuple(factor[on] for factor in self.factors)


def _automatic(residual: Rows, p: int) -> Rows:
    """Return the Jacobian by automatic differentiation, forward or backward, whichever takes fewer passes."""

    def one(row: Tensor) -> Tensor:
        return residual(row[None])[0]

    def jacobian(point: Tensor) -> Tensor:
        wide = residual(point[:1]).shape[1] < p
        derivative = torch.func.jacrev(one) if wide else torch.func.jacfwd(one)
        found: Tensor = torch.func.vmap(derivative)(point)
        return found

    return jacobian


def _check(start: Tensor, steps: int, tolerance: float, target: float, method: str) -> None:
    if start.ndim != 2 or not start.is_floating_point():
        raise ShapeError(f"start: got shape {tuple(start.shape)} of {start.dtype}; expected (n, p) floating point")
    if 0 in start.shape:
        raise DimensionError(f"start: got {start.shape[0]} problems of {start.shape[1]} parameters; expected 1 of each")
    if not bool(torch.isfinite(start).all()):
        raise NonFiniteError("start: got NaN or infinity; expected finite points")
    if steps < 0:
        raise DimensionError(f"steps: got {steps}; expected at least 0")
    for name, value in (("tolerance", tolerance), ("target", target)):
        if not value >= 0:
            raise NonFiniteError(f"{name}: got {value}; expected a number of at least 0")
    if method not in ("normal", "qr"):
        raise ShapeError(f"method: got {method!r}; expected 'normal' or 'qr'")
