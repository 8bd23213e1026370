r"""A ``torch.optim.Optimizer`` whose steps stay on the invariant set: a boost in the place of a gradient step.

For a pair of layers ``W2 sigma(W1 x + b1) + b2`` with a positively homogeneous activation, anywhere inside a module, a
step is the exact flow for the time lr with ``V_k = sum_n r_n sigma'(z_kn) x_n^T`` frozen (:mod:`quadrics.boost`). It
agrees with the step of SGD up to lr^2, keeps every ``|w_k|^2 + b_k^2 - degree |a_k|^2`` to rounding at any lr, and with
one output never changes the sign of an output weight whose imbalance is at most 0. All other parameters take the step
of plain SGD. V cannot be had from the gradients where ``a_k = 0`` or with several outputs: :mod:`numerics.boost_probe`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from quadrics.activation import Activation
from quadrics.errors import NonFiniteError, OptimizerError, ShapeError, SymmetryError

from .activation import homogeneous_sigma_of
from .batch import Batch
from .boost_probe import Probe
from .field import Field
from .flow.boosting import Boosts
from .modules import read_activation

__all__ = ["BoostSGD", "Pair", "homogeneous_pairs"]

UNKNOWN = ("momentum", "dampening", "nesterov", "weight_decay", "maximize")
"""Options of SGD that break what a boost keeps."""


class Pair(NamedTuple):
    """Two linear layers with a positively homogeneous activation between them, as a module or in symbols."""

    hidden: nn.Linear
    activation: nn.Module | Activation
    output: nn.Linear


def homogeneous_pairs(module: nn.Module) -> list[Pair]:
    """Return the pairs ``Linear, activation, Linear`` that follow each other in the ``nn.Sequential`` s of a module.

    No layer is in two pairs: of three linear layers in a row the first two are one. Layers that a module's own
    ``forward`` connects cannot be found; name them in a ``Pair``.

    >>> deep = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 1))
    >>> [(pair.hidden.in_features, pair.output.out_features) for pair in homogeneous_pairs(deep)]
    [(3, 5)]
    >>> homogeneous_pairs(nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)))
    []
    """
    found: list[Pair] = []
    for chain in _chains(module):
        start = 0
        while start + 2 < len(chain):
            match chain[start : start + 3]:
                case [nn.Linear() as hidden, middle, nn.Linear() as output] if _is_homogeneous(middle):
                    found.append(Pair(hidden, middle, output))
                    start += 3
                case _:
                    start += 1
    return found


class BoostSGD(torch.optim.Optimizer):
    """SGD without momentum that boosts pairs of layers: no step size takes it off the invariant set.

    Args:
        params: parameters or groups of them, as for ``torch.optim.SGD``; the pairs' own among them.
        pairs: the layers to boost (:func:`homogeneous_pairs` finds them in an ``nn.Sequential``).
        lr: learning rate. Where the group of a pair's hidden weights has another lr than that of its output weights,
            the step is the boost of the weighted form ``|w|^2/lr_1 - degree |a|^2/lr_2``, which it keeps.
        cap: the largest rapidity ``lr |V_k|`` of a boost. A neuron that would exceed it is moved for a shorter time,
            and stays on its quadric. It takes the place of gradient clipping.

    Between ``backward`` and ``step`` the gradients must stay what they are (no clipping, no penalty on the weights in
    the loss): the step checks that they are those that V gives.

    Raises:
        ShapeError: layers that do not fit each other, a layer in two pairs, an activation that is not known.
        SymmetryError: an activation that is not positively homogeneous.
        OptimizerError: weights of a pair that are not among the parameters, or options that break the conservation
            (momentum, weight decay); from ``step``, gradients that are missing or not those of the pair's outputs.
        NonFiniteError: lr or cap that is negative or not finite.

    >>> _ = torch.manual_seed(0)
    >>> net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)).double()
    >>> optimizer = BoostSGD(net.parameters(), homogeneous_pairs(net), lr=1.0)
    >>> def imbalance():
    ...     return Batch.from_modules([net]).imbalance()
    >>> before, x = imbalance(), torch.ones(5, 2).double()
    >>> (net(x) - 1).square().mean().backward()
    >>> optimizer.step()
    >>> net[2].weight.data
    tensor([[32.1758, -0.1745, -0.1135]], dtype=torch.float64)
    >>> bool((imbalance() - before).abs().max() < 1e-15 * 32**2)
    True

    Without a backward pass there is nothing to step by:

    >>> optimizer.zero_grad()
    >>> optimizer.step()
    Traceback (most recent call last):
    ...
    quadrics.errors.OptimizerError: step: got no gradients; expected loss.backward() before it
    """

    def __init__(
        self,
        params: Iterable[Any],
        pairs: Iterable[Pair | tuple[nn.Linear, nn.Module | Activation, nn.Linear]],
        lr: float = 1e-3,
        *,
        cap: float | None = None,
    ) -> None:
        checked = [_checked(Pair(*pair)) for pair in pairs]
        super().__init__(params, {"lr": lr, "cap": cap})
        for group in self.param_groups:
            _rate(group)
            named = [name for name in UNKNOWN if group.get(name)]
            if named:
                raise OptimizerError(
                    f"params: got {', '.join(named)}; expected lr and cap only (a boost has no others)"
                )
        held = {id(p) for group in self.param_groups for p in group["params"]}
        seen: set[int] = set()
        for number, (hidden, _, output) in enumerate(checked):
            own = [hidden.weight, output.weight, *([] if hidden.bias is None else [hidden.bias])]
            if not all(id(p) in held for p in own):
                raise OptimizerError(
                    f"params: got none of the layers of pair {number}; expected their weights among them"
                )
            if seen & {id(p) for p in own}:
                raise ShapeError(f"pairs: got a layer of pair {number} in another pair too; expected each layer in one")
            seen |= {id(p) for p in own}
        self._probes = [
            Probe(hidden, homogeneous_sigma_of(activation, "pair"), output) for hidden, activation, output in checked
        ]
        self._activations = [activation for _, activation, _ in checked]

    def remove_hooks(self) -> None:
        """Take the hooks off the layers; the optimizer makes no more steps for them."""
        for probe in self._probes:
            probe.remove()

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the gradients, and what was collected with them."""
        super().zero_grad(set_to_none)
        for probe in self._probes:
            probe.clear()

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make a step: a boost for each pair, a gradient step for each other parameter.

        Args:
            closure: computes the loss and its gradients again, and returns the loss.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        groups = {id(p): group for group in self.param_groups for p in group["params"]}
        if all(p.grad is None for group in self.param_groups for p in group["params"]):
            raise OptimizerError("step: got no gradients; expected loss.backward() before it")
        boosted: set[int] = set()
        for number in range(len(self._probes)):
            boosted |= self._boost(number, groups)
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None and id(p) not in boosted:
                    p.add_(p.grad, alpha=-_rate(group))
        return loss

    # -- inside ----------------------------------------------------------------------------------------------------
    def _boost(self, number: int, groups: dict[int, dict[str, Any]]) -> set[int]:
        """Boost a pair in place, and return which parameters that were: none where one of its layers stands still."""
        probe = self._probes[number]
        W1, b1, W2 = probe.hidden.weight, probe.hidden.bias, probe.output.weight
        rate, output_rate = (_rate(groups[id(p)]) for p in (W1, W2))
        if W1.grad is None or W2.grad is None or not rate or not output_rate:
            return set()  # one layer is frozen: for the other the frozen flow is a straight line, the gradient step
        if b1 is not None and (b1.grad is None or _rate(groups[id(b1)]) != rate):
            raise OptimizerError(
                f"pair {number}: got other rates for the hidden bias and weight; expected one for both"
            )
        field = probe.field()
        if field is None:
            raise OptimizerError(
                f"pair {number}: got gradients of the weights, but none through the two layers; expected that they are "
                "called as modules, one after the other (and that the hooks are still there)"
            )
        before = self._batch(number)
        self._check(number, before, field)
        boosts = self._boosts(before, output_rate / rate, groups[id(W1)]["cap"], W1)
        after = boosts.boosted(before, field, W1.new_full((1,), rate))
        W1.copy_(after.W1[0])
        W2.copy_(after.W2[0])
        if b1 is not None and after.b1 is not None:
            b1.copy_(after.b1[0])
        return {id(p) for p in (W1, b1, W2) if p is not None}

    def _batch(self, number: int) -> Batch:
        """The pair's weights as a batch of one network, unchecked: a diverged one is not this step's fault."""
        probe = self._probes[number]
        W1, b1, W2 = (None if p is None else p.detach()[None] for p in _weights(probe))
        assert W1 is not None
        assert W2 is not None
        one = Batch(torch.zeros_like(W1), torch.zeros_like(W2), None if b1 is None else torch.zeros_like(b1),
                    activation=self._activations[number])  # fmt: skip
        return one.replace(W1, W2, b1)

    def _boosts(self, batch: Batch, ratio: float, cap: float | None, key: Tensor) -> Boosts:
        """The boosts, and with one output the imbalances to keep: those of the steps before, while they still hold."""
        boosts = Boosts.of(batch, (1.0, ratio), neuron_cap=cap)
        if boosts.c is None:
            return boosts
        kept, now = self.state[key].get("imbalance"), boosts.c
        # Norms carry d + 2 roundings and a step as few more; where the weights were changed otherwise, c is taken anew.
        outer = batch.W2.square().sum(1) / boosts.outward**2
        doubt = 4 * (batch.d_in + 8) * torch.finfo(batch.dtype).eps * (now + 2 * outer)
        if kept is not None:
            now = torch.where((now - kept).abs() <= doubt, kept, now)
        self.state[key]["imbalance"] = now
        return Boosts(boosts.inward, boosts.outward, now, cap)

    def _check(self, number: int, batch: Batch, field: Field) -> None:
        """The gradients are those that V gives: to rounding, as both are sums over the same terms."""
        probe = self._probes[number]
        given = field.gradient(batch)
        W1, b1, W2 = (None if p is None else p.grad for p in _weights(probe))
        roundings, size = probe.roundings(), batch.W1.square().sum(2)
        size = size if batch.b1 is None else size + batch.b1.square()
        inner, outer = roundings * size[0].sqrt(), roundings * batch.W2[0].norm(dim=0)
        for found, expected, allowed in ((W1, given.W1, outer[:, None]), (b1, given.b1, outer), (W2, given.W2, inner)):
            if found is None or expected is None:
                continue
            if bool(((found - expected[0]).abs() > allowed + torch.finfo(found.dtype).tiny).any()):
                raise OptimizerError(
                    f"pair {number}: got gradients that are not those of a loss of its outputs; expected them as "
                    "backward() leaves them, with nothing between the layers but the activation (not clipped: use cap; "
                    "no penalty on the weights; cleared by zero_grad of the optimizer)"
                )


def _chains(module: nn.Module) -> Iterator[list[nn.Module]]:
    """The chains of modules that nested ``nn.Sequential`` s call one after another."""
    if isinstance(module, nn.Sequential):
        chain = list(_links(module))
        yield chain
        for link in chain:
            yield from _chains(link)
    else:
        for child in module.children():
            yield from _chains(child)


def _links(module: nn.Sequential) -> Iterator[nn.Module]:
    for child in module:
        if isinstance(child, nn.Sequential):
            yield from _links(child)
        else:
            yield child


def _is_homogeneous(module: nn.Module) -> bool:
    try:
        homogeneous_sigma_of(read_activation(module), "pair")
    except (ShapeError, SymmetryError):
        return False
    return True


class _Checked(NamedTuple):
    hidden: nn.Linear
    activation: Activation
    output: nn.Linear


def _checked(pair: Pair) -> _Checked:
    """The pair with its activation in symbols."""
    hidden, between, output = pair
    if not isinstance(hidden, nn.Linear) or not isinstance(output, nn.Linear):
        got = f"{type(hidden).__name__} and {type(output).__name__}"
        raise ShapeError(f"pair: got {got}; expected nn.Linear, a positively homogeneous activation, nn.Linear")
    if hidden.out_features != output.in_features:
        raise ShapeError(
            f"pair: got {hidden.out_features} units out of the hidden layer and {output.in_features} into the output "
            "layer; expected as many"
        )
    if (hidden.weight.dtype, hidden.weight.device) != (output.weight.dtype, output.weight.device):
        raise ShapeError("pair: got layers of two types or on two devices; expected one")
    activation = read_activation(between) if isinstance(between, nn.Module) else between
    homogeneous_sigma_of(activation, "pair")
    assert isinstance(activation, Activation)
    return _Checked(hidden, activation, output)


def _weights(probe: Probe) -> tuple[Tensor, Tensor | None, Tensor]:
    return probe.hidden.weight, probe.hidden.bias, probe.output.weight


def _rate(group: dict[str, Any]) -> float:
    """The learning rate of a group, checked: a scheduler may have changed it."""
    rate, cap = float(group["lr"]), group.get("cap")
    if not 0 <= rate < math.inf:
        raise NonFiniteError(f"lr: got {rate}; expected a finite learning rate of at least 0")
    if cap is not None and not 0 < cap < math.inf:
        raise NonFiniteError(f"cap: got {cap}; expected a positive, finite rapidity")
    return rate
