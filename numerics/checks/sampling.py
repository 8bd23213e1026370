"""What the measurements share: seeded random networks and data, and gradients by automatic differentiation.

The gradients here are torch's, of torch's own losses. The batched gradients that training uses rely on homogeneity
themselves, so that a test of eq. (9) on them would test nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from proofs import Context
from quadrics.activation import Activation, relu

from ..batch import Batch
from ..losses import LossName
from ..objective import Gradient

EPS = torch.finfo(torch.float64).eps
Sigma = Callable[[Tensor], Tensor]


class Sample(NamedTuple):
    """Inputs x (N, d) and targets y, as the losses want them."""

    x: Tensor
    y: Tensor
    loss: LossName


def generator(context: Context, name: str) -> torch.Generator:
    """Return a generator on the CPU whose seed belongs to this use alone."""
    return torch.Generator().manual_seed(context.seed_for(name))


def networks(
    source: torch.Generator,
    n: int,
    width: int,
    d_in: int,
    d_out: int = 1,
    bias: bool = False,
    activation: Activation = relu,
    device: str = "cpu",
) -> Batch:
    """Return n networks with standard normal parameters, in float64.

    >>> networks(torch.Generator().manual_seed(0), 3, 4, 2, bias=True).b1.shape
    torch.Size([3, 4])
    """

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=source, dtype=torch.float64).to(device)

    b1, b2 = (normal(n, width), normal(n, d_out)) if bias else (None, None)
    return Batch(normal(n, width, d_in), normal(n, d_out, width), b1, b2, activation=activation)


def sample(source: torch.Generator, size: int, d_in: int, d_out: int, loss: LossName, device: str = "cpu") -> Sample:
    """Return standard normal inputs with random targets for the loss."""
    x = torch.randn(size, d_in, generator=source, dtype=torch.float64)
    if loss == "mse":
        y = torch.randn(size, d_out, generator=source, dtype=torch.float64)
    elif loss == "bce":
        y = torch.randint(0, 2, (size, d_out), generator=source).double()
    else:
        y = torch.randint(0, d_out, (size,), generator=source)
    return Sample(x.to(device), y.to(device), loss)


def mean_losses(f: Tensor, data: Sample) -> Tensor:
    """Return (n,): torch's own loss of outputs (n, N, e), the mean over samples of the sum over outputs."""
    if data.loss == "mse":
        each = functional.mse_loss(f, data.y.expand_as(f), reduction="none").sum(2)
    elif data.loss == "bce":
        each = functional.binary_cross_entropy_with_logits(f, data.y.expand_as(f), reduction="none").sum(2)
    else:
        each = functional.cross_entropy(f.flatten(0, 1), data.y.repeat(f.shape[0]), reduction="none")
        each = each.view(f.shape[:2])
    return each.mean(1)


def forward(batch: Batch, x: Tensor, sigma: Sigma) -> Tensor:
    """Return (n, N, e): the outputs with any function of tensors as activation."""
    z = x @ batch.W1.transpose(1, 2)
    if batch.b1 is not None:
        z = z + batch.b1[:, None, :]
    f: Tensor = sigma(z) @ batch.W2.transpose(1, 2)
    return f if batch.b2 is None else f + batch.b2[:, None, :]


def autograd(batch: Batch, data: Sample, sigma: Sigma) -> tuple[Gradient, Tensor]:
    """Return torch's gradient of each network's loss, and the derivatives (n, N, e) of the losses by the outputs."""
    leaves = [t.detach().clone().requires_grad_(True) for t in batch.parameters]
    rest = iter(leaves)
    W1, W2 = next(rest), next(rest)
    b1 = next(rest) if batch.b1 is not None else None
    live = batch.replace(W1, W2, b1, next(rest) if batch.b2 is not None else None)
    f = forward(live, data.x, sigma)
    f.retain_grad()
    mean_losses(f, data).sum().backward()  # type: ignore[no-untyped-call]
    found = iter([t.grad for t in leaves])
    g1, g2 = next(found), next(found)
    assert g1 is not None
    assert g2 is not None
    assert f.grad is not None
    gb1 = next(found) if batch.b1 is not None else None
    gb2 = next(found) if batch.b2 is not None else None
    return Gradient(g1, g2, gb1, gb2), f.grad


def size_of_terms(batch: Batch, x: Tensor, residuals: Tensor, slope: float) -> Tensor:
    """Return (n, l): ``Σ_i |a_k|·|r_i| slope (|w_k|·|x_i| + |b_k|)``, what the two sides of eq. (9) add up at most.

    Rounding moves a sum of products by at most (number of operations) · eps · (sum of their sizes).
    """
    upstream = residuals.abs() @ batch.W2.abs()  # (n, N, l)
    reach = x.abs() @ batch.W1.abs().transpose(1, 2)
    if batch.b1 is not None:
        reach = reach + batch.b1.abs()[:, None, :]
    return slope * (upstream * reach).sum(1)


class Autograd:
    """An objective with torch's gradients, for flows and training: any activation, ``decay`` times |θ|²/2 added.

    >>> source = torch.Generator().manual_seed(0)
    >>> data = sample(source, 8, 2, 1, "mse")
    >>> loss, gradient = Autograd(data, torch.relu).loss_and_gradient(networks(source, 3, 4, 2))
    >>> loss.shape, gradient.W1.shape
    (torch.Size([3]), torch.Size([3, 4, 2]))
    """

    def __init__(self, data: Sample, sigma: Sigma, decay: float = 0.0) -> None:
        self.data, self.sigma, self.decay = data, sigma, decay

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return self.data.x.shape[0]

    def loss(self, batch: Batch) -> Tensor:
        """Return (n,): the loss of each network."""
        penalty = batch.flatten().square().sum(1) * (self.decay / 2)
        return mean_losses(forward(batch, self.data.x, self.sigma), self.data) + penalty

    def loss_and_gradient(self, batch: Batch) -> tuple[Tensor, Gradient]:
        """Return the losses (n,) and torch's gradients of them."""
        gradient, _ = autograd(batch, self.data, self.sigma)
        if self.decay:
            pairs = zip(gradient, (batch.W1, batch.W2, batch.b1, batch.b2), strict=True)
            gradient = Gradient(*(None if g is None or p is None else g + self.decay * p for g, p in pairs))  # type: ignore[arg-type]
        return self.loss(batch), gradient

    def gradient(self, batch: Batch) -> Gradient:
        """Return torch's gradient of each network's loss."""
        return self.loss_and_gradient(batch)[1]

    def subset(self, index: Tensor) -> Autograd:
        """Return the same objective on the samples at ``index``."""
        return Autograd(Sample(self.data.x[index], self.data.y[index], self.data.loss), self.sigma, self.decay)
