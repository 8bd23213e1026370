"""Critical points of small teacher-student problems in floating point, found by Levenberg-Marquardt on the gradient.

Parameters are vectors (w_1, ..., w_m, a_1, ..., a_m), as in :mod:`quadrics.expansion.coordinates`; gradients and
Hessians are torch's, of the loss itself, and the activations come from ``quadrics`` through the bridge.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from proofs import Context
from quadrics.expansion.critical.inertia import Inertia
from quadrics.smooth_activation import SmoothActivation, Z, sigmoid, soft_sigmoid, tanh

from ...bridge import torch_function
from ..sampling import EPS, generator

D_IN = 2
EXAMPLES = 16
ACTIVATIONS = (sigmoid, tanh, soft_sigmoid(1, 2))


@lru_cache(maxsize=8)
def on_tensors(activation: SmoothActivation) -> Callable[[Tensor], Tensor]:
    """The activation as a function of tensors."""
    return torch_function(activation.formula, Z)


@dataclass(frozen=True, eq=False)
class Problem:
    """Least squares on fixed data: inputs (N, d_in), targets (N, d_out)."""

    x: Tensor
    y: Tensor
    activation: SmoothActivation

    @property
    def d_out(self) -> int:
        return self.y.shape[1]

    def split(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """The incoming (m, d_in) and outgoing (m, d_out) weights of a vector."""
        m = theta.shape[-1] // (D_IN + self.d_out)
        return theta[: m * D_IN].reshape(m, D_IN), theta[m * D_IN :].reshape(m, self.d_out)

    def output(self, theta: Tensor) -> Tensor:
        W, A = self.split(theta)
        return on_tensors(self.activation)(self.x @ W.T) @ A

    def loss(self, theta: Tensor) -> Tensor:
        return (self.output(theta) - self.y).square().sum(1).mean() / 2

    def gradient(self, theta: Tensor) -> Tensor:
        found: Tensor = torch.func.grad(self.loss)(theta)
        return found

    def hessian(self, theta: Tensor) -> Tensor:
        found: Tensor = torch.func.hessian(self.loss)(theta)
        return (found + found.T) / 2

    def rounding(self, theta: Tensor) -> float:
        r"""A bound of the rounding error of an entry of the gradient or the Hessian.

        An entry is a mean of N terms, products of at most six factors: residuals, weights, inputs and derivatives of
        σ. The size of a term is at most (\|y\| + Σ \|a\| s + s) s (1 + \|a\|)² \|x\|², s a bound of \|σ^(i)\|, i ≤ 3,
        on the data; pre-activations carry d_in roundings of size \|w\| \|x\|, sums over neurons, outputs and data
        m + d_out + N more, and evaluating σ and its derivatives about 16.
        """
        W, A = self.split(theta)
        z = (self.x @ W.T).requires_grad_()
        derivatives, value = [], on_tensors(self.activation)(z)
        for _ in range(4):
            derivatives.append(value.detach().abs().max())
            (value,) = torch.autograd.grad(value.sum(), z, create_graph=True)
        s = max(1.0, float(max(derivatives)))
        x = max(1.0, float(self.x.abs().max()))
        reach = 1 + float((self.x.abs() @ W.abs().T).max())
        a = float(A.abs().max())
        size = (float(self.y.abs().max()) + float(A.abs().sum(0).max()) * s + s) * s * (1 + a) ** 2 * x**2 * reach
        return 2 * (EXAMPLES + W.shape[0] + self.d_out + D_IN + 16) * EPS * size

    def neuron(self, theta: Tensor, t: int) -> tuple[Tensor, Tensor]:
        """U_t (d_out, d_in), S_t (d_in, d_in): second derivatives of mean e·a σ(w·x) by (a, w), with e held fixed."""
        W, A = self.split(theta)
        e = (self.output(theta) - self.y).detach()

        def pull(w: Tensor, a: Tensor) -> Tensor:
            return ((e @ a) * on_tensors(self.activation)(self.x @ w)).mean()

        (S, _), (U, _) = torch.func.hessian(pull, argnums=(0, 1))(W[t], A[t])
        return U, (S + S.T) / 2


@dataclass(frozen=True, eq=False)
class Core:
    """A critical point of a narrow network: its parameters, gradient, Hessian."""

    problem: Problem
    theta: Tensor

    @property
    def r(self) -> int:
        return self.theta.shape[0] // (D_IN + self.problem.d_out)


def copies(core: Core, word: tuple[int, ...], outgoing: list[Tensor]) -> Tensor:
    """The wide network with these labels (from 0) and outgoing weights."""
    W, _ = core.problem.split(core.theta)
    return torch.cat([torch.stack([W[t] for t in word]).flatten(), torch.stack(outgoing).flatten()])


def counted(matrix: Tensor, tolerance: float) -> tuple[Inertia, float]:
    """The eigenvalues below, within and above the tolerance, and the smallest beyond it in tolerances."""
    values = torch.linalg.eigvalsh(matrix)
    beyond = values.abs()[values.abs() > tolerance]
    gap = float(beyond.min()) / tolerance if len(beyond) else float("inf")
    negative, positive = int((values < -tolerance).sum()), int((values > tolerance).sum())
    return Inertia(negative, len(values) - negative - positive, positive), gap


def critical_cores(context: Context) -> list[Core]:
    """Irreducible critical points of one and two neurons, one and two outputs; found once a run."""

    def find() -> list[Core]:
        source, starts = generator(context, "simsek: critical points"), context.pick(quick=80, full=400)
        return [
            core
            for d_out in (1, 2)
            for r in (1, 2)
            for activation in context.pick(quick=ACTIVATIONS[:1], full=ACTIVATIONS)
            for core in _search(source, d_out, r, activation, starts)[: context.pick(quick=9, full=40)]
        ]

    return context.once("simsek: critical points in floating point", find)


def _search(source: torch.Generator, d_out: int, r: int, activation: SmoothActivation, starts: int) -> list[Core]:
    """Critical points of students of r neurons and teachers of four, one random problem a start."""

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=source, dtype=torch.float64)

    problems = []
    for x, teacher in zip(normal(starts, EXAMPLES, D_IN), normal(starts, 4 * (D_IN + d_out)), strict=True):
        blank = Problem(x, torch.zeros(EXAMPLES, d_out, dtype=torch.float64), activation)
        problems.append(Problem(x, blank.output(teacher), activation))
    found = _levenberg_marquardt(problems, normal(starts, r * (D_IN + d_out)))
    return [core for core in map(Core, problems, found) if _usable(core)]


def _levenberg_marquardt(problems: list[Problem], theta: Tensor, steps: int = 50) -> Tensor:
    """Reduce the norms of the gradients, of all problems at once; the damping dies out, which leaves Newton's steps."""
    x, y = torch.stack([p.x for p in problems]), torch.stack([p.y for p in problems])

    def loss(one: Tensor, inputs: Tensor, targets: Tensor) -> Tensor:
        return Problem(inputs, targets, problems[0].activation).loss(one)

    gradients, hessians = torch.vmap(torch.func.grad(loss)), torch.vmap(torch.func.hessian(loss))
    damping = torch.ones(len(problems), 1, 1, dtype=torch.float64)
    one = torch.eye(theta.shape[1], dtype=torch.float64)
    g = gradients(theta, x, y)
    for _ in range(steps):
        H = hessians(theta, x, y)
        step = torch.linalg.solve(H @ H + damping * one, H @ g[:, :, None])[:, :, 0]
        there = gradients(theta - step, x, y)
        better = there.norm(dim=1, keepdim=True) < g.norm(dim=1, keepdim=True)
        theta, g = torch.where(better, theta - step, theta), torch.where(better, there, g)
        damping = torch.where(better[:, :, None], damping / 5, damping * 3).clamp(1e-14, 1e14)
    return theta


def _usable(core: Core) -> bool:
    """Critical to rounding, irreducible with a margin, weights of moderate size, a Hessian far from singular."""
    problem, theta = core.problem, core.theta
    W, A = problem.split(theta)
    if not bool(theta.isfinite().all()) or float(theta.abs().max()) > 10 or float(A.norm(dim=1).min()) < 0.1:
        return False
    if core.r > 1 and float(torch.pdist(W).min()) < 0.1:
        return False
    if float(problem.gradient(theta).abs().max()) > problem.rounding(theta):
        return False
    values = torch.linalg.eigvalsh(problem.hessian(theta)).abs()
    return float(values.min()) > 1e-5 * float(values.max())
