"""What the kernel for rectifier networks leaves to torch, and that threads, memory and layout do not matter to it."""

from __future__ import annotations

import pytest
import torch
from torch.autograd import forward_ad

from numerics.batch import Batch
from numerics.native.compiler import why_not
from numerics.objective import Objective
from quadrics.activation import absolute_value, relu_power
from quadrics.smooth_activation import sigmoid

from .rectified_problems import by_kernel, by_torch, parts, problem

pytestmark = pytest.mark.skipif(why_not() is not None, reason="no kernels here")


def test_networks_with_and_without_biases_on_the_same_data() -> None:
    batch, objective = problem(d=20, n=60)
    plain = batch.replace(batch.W1, batch.W2)
    for networks in (plain, batch, plain):
        expected = by_torch(objective).gradient(networks)
        for found, want in zip(objective.gradient(networks).parameters, expected.parameters, strict=True):
            torch.testing.assert_close(found, want)


def test_threads_do_not_change_a_bit() -> None:
    batch, objective = problem(widths=(3, 5, 2, 9) * 50, n=200, d=12)
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = objective.gradient(batch)
        torch.set_num_threads(2)
        two = objective.gradient(batch)
    finally:
        torch.set_num_threads(threads)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters, two.parameters, strict=True))


def test_weights_that_are_no_block_of_memory() -> None:
    batch, objective = problem(bias=False)
    turned = batch.replace(batch.W1.transpose(1, 2).contiguous().transpose(1, 2), batch.W2)
    assert not turned.W1.is_contiguous()
    for found, expected in zip(
        objective.gradient(turned).parameters, objective.gradient(batch).parameters, strict=True
    ):
        assert torch.equal(found, expected)


SPOILT = {
    "W2 of another type": lambda b: b.replace(b.W1, b.W2.double(), b.b1, b.b2),
    "W2 of one network": lambda b: b.replace(b.W1, b.W2[:1].clone(), b.b1, b.b2),
    "W2 too narrow": lambda b: b.replace(b.W1, b.W2[:, :, :2].clone(), b.b1, b.b2),
    "whole numbers": lambda b: b.replace(b.W1, b.W2, b.b1.int(), b.b2),
    "biases of one network": lambda b: b.replace(b.W1, b.W2, b.b1[:1], b.b2[:1]),
    "more networks than widths": lambda b: b.replace(*(t.repeat(3, *[1] * (t.ndim - 1)) for t in parts(b))),
    "another device": lambda b: b.replace(b.W1, b.W2.to("meta"), b.b1, b.b2),
    "negative by a flag": lambda b: b.replace(torch._neg_view(b.W1), b.W2, b.b1, b.b2),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_parameters_that_are_left_to_torch(spoil) -> None:
    batch, objective = problem(dtype=torch.float32)
    assert by_kernel(objective, batch)
    assert not by_kernel(objective, spoil(batch))


def test_a_flag_of_negation_is_heeded() -> None:
    batch, objective = problem()
    flagged, negated = (batch.replace(w, *parts(batch)[1:]) for w in (torch._neg_view(batch.W1), -batch.W1))
    torch.testing.assert_close(objective.gradient(flagged).W1, objective.gradient(negated).W1)


def test_dual_numbers_and_wrappers_are_left_to_torch() -> None:
    batch, objective = problem()
    with forward_ad.dual_level():
        assert by_kernel(objective, batch)
        dual = forward_ad.make_dual(batch.W1, torch.ones_like(batch.W1))
        assert not by_kernel(objective, batch.replace(dual, *parts(batch)[1:]))
    seen = []

    def look(W1):
        seen.append(by_kernel(objective, batch.replace(W1, *parts(batch)[1:])))
        return W1

    torch.func.vmap(look)(torch.stack([batch.W1, batch.W1]))
    assert seen == [False]


def test_many_threads_and_many_samples_keep_the_kernel() -> None:
    batch, objective = problem(widths=(100, 90, 100), n=500, d=10)
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(32)
        assert by_kernel(objective, batch)
        many = objective.gradient(batch)
        torch.set_num_threads(1)
        one = objective.gradient(batch)
    finally:
        torch.set_num_threads(threads)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters, many.parameters, strict=True))
    batch, objective = problem(widths=(1, 2), n=600_000, d=1, dtype=torch.float32)
    assert by_kernel(objective, batch)
    torch.testing.assert_close(objective.loss(batch), by_torch(objective).loss(batch))


def test_calls_are_short(monkeypatch) -> None:
    """However large the work: between calls Ctrl-C is heard."""
    batch, objective = problem(widths=(3, 5, 2, 9) * 30, n=50)
    expected = objective.gradient(batch)
    monkeypatch.setattr("numerics.native.rectified.CALL", 1.0)
    sizes = []
    kernel = objective._kernel
    call = kernel._call
    kernel._call = lambda *arguments: (sizes.append(arguments[5]), call(*arguments))
    found = objective.gradient(batch)
    assert sum(sizes) == batch.n
    assert max(sizes) < batch.n
    assert all(torch.equal(a, b) for a, b in zip(found.parameters, expected.parameters, strict=True))


@pytest.mark.parametrize(
    ("batch", "objective"),
    [
        (problem()[0], Objective(torch.ones(4, 3).double(), torch.zeros(4).double(), tile_units=5)),
        (problem()[0], Objective(torch.ones(4, 3).double(), torch.zeros(4).double(), memory=1000)),
        problem(activation=absolute_value),
        problem(activation=relu_power(2)),
        problem(activation=sigmoid),
        (Batch(torch.ones(1, 2, 3), torch.ones(1, 2, 2)), Objective(torch.ones(4, 3), torch.zeros(4, 2))),
        (
            Batch(torch.ones(1, 2, 3), torch.ones(1, 2, 2)),
            Objective(torch.ones(4, 3), torch.tensor([0, 1, 1, 0]), "ce"),
        ),
    ],
    ids=["tiles", "memory", "absolute value", "degree 2", "smooth", "two outputs", "classes"],
)
def test_what_is_left_to_torch(batch, objective) -> None:
    assert not by_kernel(objective, batch)
    assert torch.isfinite(objective.loss(batch)).all()


def test_memory_that_suffices() -> None:
    batch, objective = problem(widths=(3, 5, 2, 9) * 20, n=200)
    assert by_kernel(objective, batch)
    plan = objective._kernel._plan(batch.width, batch.d_in + 1)
    assert plan.together > 1
    need = (plan.sums + plan.layer) * 8
    for memory, is_used in ((need, True), (3 * need, True), (need - 1, False)):
        limited = Objective(objective.x, objective.targets, memory=memory)
        assert by_kernel(limited, batch) == is_used
        for found, expected in zip(
            limited.gradient(batch).parameters, objective.gradient(batch).parameters, strict=True
        ):
            torch.testing.assert_close(found, expected)
            assert torch.equal(found, expected) or not is_used
        torch.testing.assert_close(limited.loss(batch), objective.loss(batch))


def test_without_kernels(monkeypatch) -> None:
    batch, objective = problem()
    monkeypatch.setenv("QUADRICS_NATIVE", "0")
    other = Objective(objective.x, objective.targets)
    assert not by_kernel(other, batch)
    torch.testing.assert_close(other.loss(batch), objective.loss(batch))
