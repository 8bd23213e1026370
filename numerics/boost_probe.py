"""The pull of the data on the hidden units of two layers of a module, accumulated as gradients are.

``V_k = sum_n r_n sigma'(z_kn) x_n^T`` is the gradient of the loss by a *probe*: a parameter P (zero) that adds
``sum_kd P_ked sigma'(z_kn) x_nd`` to the outputs of the second layer. So backward passes accumulate it exactly as they
accumulate the gradients of the weights, whatever the loss, the minibatch or the order of calls.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from quadrics.errors import ShapeError

from .activation import Sigma
from .field import Field

__all__ = ["Probe"]


class _Pull(torch.autograd.Function):
    """The identity on the outputs, whose backward pass gives the probes their gradients."""

    @staticmethod
    def forward(ctx: Any, outputs: Tensor, v: Tensor, reach: Tensor, x: Tensor, slope: Tensor) -> Tensor:
        ctx.save_for_backward(x, slope)
        ctx.dtype = v.dtype
        return outputs.view_as(outputs)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (r,) = gradients
        x, slope = ctx.saved_tensors
        rows, x, slope = r.flatten(0, -2), x.flatten(0, -2), slope.flatten(0, -2)
        eps = max(_precision(t) for t in (rows, x, slope))
        rows, slope = rows.to(ctx.dtype), slope.to(ctx.dtype)
        x = torch.cat([x.to(ctx.dtype), rows.new_ones(len(x), 1)], 1)
        size = (slope.shape[1], rows.shape[1], x.shape[1])
        v = rows.new_zeros(size).flatten(0, 1)
        # As many samples at a time as there are inputs: so the products are no larger than V.
        for start in range(0, len(x), size[2]):
            part = slice(start, start + size[2])
            pulled = slope[part, :, None] * rows[part, None, :]
            v = torch.addmm(v, pulled.flatten(1).t(), x[part])
        # Twice the roundings that sums of this length have, of Σ_n |r_n||σ'(z_kn)||(x_n, 1)|; and the number of calls.
        terms = slope.abs().t() @ (rows.norm(dim=1) * x.norm(dim=1))
        reach = torch.cat([2 * eps * (len(x) + size[1] + size[2] + 8) * terms, terms.new_ones(1)])
        return r, v.view(size), reach, None, None


def _precision(tensor: Tensor) -> float:
    """The relative rounding error of products of such tensors."""
    if tensor.dtype == torch.float32 and torch.get_float32_matmul_precision() != "highest":
        return float(torch.finfo(torch.bfloat16).eps)
    return float(torch.finfo(tensor.dtype).eps)


class Probe:
    """Hooks on two layers that collect V, (l, e, d + 1) with the bias's column last, between two calls of ``clear``.

    A call of the hidden layer must be followed by the call of the output layer that uses it. Nothing is collected
    without gradients (``torch.no_grad``), and nothing by ``torch.autograd.grad``.
    """

    def __init__(self, hidden: nn.Linear, sigma: Sigma, output: nn.Linear) -> None:
        self.hidden, self.sigma, self.output = hidden, sigma, output
        self.v: Tensor | None = None
        self.reach: Tensor | None = None
        self._waiting: tuple[Tensor, Tensor] | None = None
        self._handles = [
            hidden.register_forward_hook(self._after_hidden),
            output.register_forward_hook(self._after_output),
        ]

    def remove(self) -> None:
        """Take the hooks off the layers."""
        for handle in self._handles:
            handle.remove()

    def clear(self) -> None:
        """Forget what has been collected."""
        for leaf in (self.v, self.reach):
            if leaf is not None:
                leaf.grad = None

    def field(self) -> Field | None:
        """Return V as the field of a batch of one network, or None where nothing has been collected."""
        if self.v is None or self.v.grad is None:
            return None
        v = self.v.grad[None]
        return Field(v[..., :-1], None if self.hidden.bias is None else v[..., -1])

    def roundings(self) -> Tensor:
        """Return (l,): by how much rounding may have moved sums over samples, each of terms |r_n||σ'(z_kn)||x_n|."""
        assert self.reach is not None
        assert self.reach.grad is not None
        reach, calls = self.reach.grad[:-1], self.reach.grad[-1]
        return reach * (1 + calls)

    # -- the hooks -------------------------------------------------------------------------------------------------
    def _after_hidden(self, module: nn.Module, inputs: tuple[Tensor, ...], z: Tensor) -> None:
        if torch.is_grad_enabled():
            # The slope at once: the activation may work in place.
            self._waiting = inputs[0].detach(), self.sigma.derivative(z.detach())

    def _after_output(self, module: nn.Module, inputs: tuple[Tensor, ...], outputs: Tensor) -> Tensor | None:
        waiting, self._waiting = self._waiting, None
        if waiting is None or not outputs.requires_grad:
            return None
        x, slope = waiting
        if inputs[0].shape != slope.shape:
            raise ShapeError(
                f"pair: got {tuple(inputs[0].shape)} into the output layer after {tuple(slope.shape)} out of the "
                "hidden one; expected the activation of the latter, with nothing between"
            )
        v, reach = self._leaves()
        pulled: Tensor = _Pull.apply(outputs, v, reach, x, slope)  # type: ignore[no-untyped-call]
        return pulled

    def _leaves(self) -> tuple[Tensor, Tensor]:
        """The probes, made where the weights are now; what belongs to gradients that were set to None is forgotten."""
        W = self.hidden.weight
        if self.v is None or self.v.device != W.device or self.v.dtype != W.dtype:
            size = (W.shape[0], self.output.out_features, W.shape[1] + 1)
            self.v, self.reach = (W.new_zeros(s).requires_grad_() for s in (size, W.shape[0] + 1))
            self.v.register_hook(self._before_accumulating)  # type: ignore[no-untyped-call]
        assert self.reach is not None
        return self.v, self.reach

    def _before_accumulating(self, gradient: Tensor) -> None:
        # The probe's gradient is ready before those of the layers: where theirs are gone (``module.zero_grad()``), so
        # is what was collected with them.
        if self.hidden.weight.grad is None and self.output.weight.grad is None:
            self.clear()
