"""The kernel of prefix sums against the same in torch; ``test_sorted_gradient`` holds both to the plain objective."""

from __future__ import annotations

import pytest
import torch

from numerics.batch import Batch
from numerics.field import Field
from numerics.native import prefix_sums
from numerics.native.compiler import SWITCH, why_not
from numerics.sorted_gradient import SortedObjective
from quadrics.activation import Activation, leaky_relu, linear, relu
from quadrics.errors import OutOfMemoryError

pytestmark = pytest.mark.skipif(why_not() is not None, reason="no kernels here")


def problem(n: int, width: int, dtype: torch.dtype, activation: Activation) -> tuple[Batch, SortedObjective]:
    """Samples and weights that are small integers every now and then: ties, kinks, axes, dead neurons."""
    generator = torch.Generator().manual_seed(n + width)

    def normal(*shape: int) -> torch.Tensor:
        values = torch.randn(*shape, generator=generator, dtype=torch.float64)
        return values.round().where(torch.rand(shape, generator=generator) < 0.3, values).to(dtype)

    x = normal(200, 2)
    mask = torch.arange(width) < torch.arange(n)[:, None] % width + 1
    W1, W2 = normal(n, width, 2) * mask[:, :, None], normal(n, 1, width) * mask[:, None]
    return Batch(W1, W2, mask=mask, activation=activation), SortedObjective(x, x.sin().sum(1))


def found_by(engine: str, objective: SortedObjective, batch: Batch) -> tuple[torch.Tensor, Field]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SWITCH, "1" if engine == "native" else "0")
        return objective.loss_and_field(batch)


@pytest.mark.parametrize("activation", [relu, leaky_relu(0.25), linear, Activation(2, -3)], ids=str)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("n", "width"), [(1, 1), (7, 2), (33, 9), (4, 16), (4, 17), (3, 300)])
@pytest.mark.parametrize("threads", [1, 2])
def test_the_kernel_does_what_torch_does(n, width, dtype, activation, threads, monkeypatch):
    """To roundings of the running sums: over 2 l cells of f <= sum |a| |w| R and of its products with x, |x| <= R."""
    batch, objective = problem(n, width, dtype, activation)
    monkeypatch.setattr(prefix_sums, "FEW", 0)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        loss, field = found_by("native", objective, batch)
    finally:
        torch.set_num_threads(before)
    expected_loss, expected = found_by("torch", objective, batch)
    assert loss.dtype == field.v.dtype == dtype
    R, steepest = float(objective.x.norm(dim=1).max()), max(abs(float(activation.alpha)), abs(float(activation.beta)))
    output = steepest * R * (batch.W1.norm(dim=2) * batch.W2[:, 0].abs()).sum(1).double() + 2
    roundings = 16 * (2 * width + 8) * torch.finfo(torch.float64).eps
    # Computed in float64 and rounded once: the two may be rounded to neighbours.
    once = torch.finfo(dtype).eps if dtype == torch.float32 else 0.0
    assert ((loss - expected_loss).abs() <= roundings * output**2 + once * expected_loss.abs()).all()
    error = (field.v - expected.v).abs().amax((2, 3))
    bound = roundings * (steepest * R * output)[:, None] + once * expected.v.abs().amax((2, 3))
    assert (error <= bound).all()
    assert not bool(field.v[~batch.mask].any())


def test_weights_that_are_not_in_one_piece():
    batch, objective = problem(6, 5, torch.float64, relu)
    turned = batch.replace(batch.W1.transpose(0, 1).contiguous().transpose(0, 1), batch.W2.flip(0).flip(0))
    assert not turned.W1.is_contiguous()
    for one, other in zip(*(found_by("native", objective, some) for some in (batch, turned)), strict=True):
        assert torch.equal(one if isinstance(one, torch.Tensor) else one.v,
                           other if isinstance(other, torch.Tensor) else other.v)  # fmt: skip


@pytest.mark.filterwarnings("ignore:There is a performance drop")
def test_what_only_torch_understands_is_left_to_it():
    batch, objective = problem(6, 5, torch.float64, relu)
    flagged = batch.replace(torch._neg_view(batch.W1), batch.W2)
    negated = batch.replace(-batch.W1, batch.W2)
    torch.testing.assert_close(objective.loss(flagged), objective.loss(negated))
    many = torch.func.vmap(lambda W1: objective.loss(batch.replace(W1, batch.W2)))(torch.stack([batch.W1, -batch.W1]))
    torch.testing.assert_close(many[1], objective.loss(negated))


def test_no_memory_to_work_in(monkeypatch):
    batch, objective = problem(6, 5, torch.float64, relu)
    monkeypatch.setattr(prefix_sums, "_typed", lambda code, dtype: lambda *arguments: False)
    with pytest.raises(OutOfMemoryError, match="width 5"):
        objective.loss(batch)
