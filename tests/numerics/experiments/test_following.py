"""Recorders that watch every step, against what a loop over the steps sees."""

from __future__ import annotations

from itertools import pairwise

import torch

from numerics.batch import Batch
from numerics.data import toy
from numerics.experiments.following import Excursions, Flips, Law
from numerics.objective import Gradient
from numerics.optimizers import GradientDescent
from numerics.sorted_gradient import SortedObjective
from numerics.training import train

STEPS, H = 40, 0.3


def start(n: int = 6) -> Batch:
    generator = torch.Generator().manual_seed(3)
    W1, W2 = (torch.randn(n, *shape, generator=generator, dtype=torch.float64) for shape in ((2, 2), (1, 2)))
    return Batch(W1, W2)


def objective() -> SortedObjective:
    data = toy(100, seed=1)
    return SortedObjective(data.x, data.y)


def states(n: int = 6) -> list[Batch]:
    found, fit = [start(n)], objective()
    for _ in range(STEPS):
        gradient = fit.gradient(found[-1])
        found.append(found[-1].replace(found[-1].W1 - H * gradient.W1, found[-1].W2 - H * gradient.W2))
    return found


def test_flips_and_excursions_are_those_of_the_single_steps() -> None:
    watched = Excursions(steps=[STEPS])
    train(start(), objective(), GradientDescent(H), STEPS, watched)
    seen = states()
    flips = torch.stack([(a.W2[:, 0] < 0) != (b.W2[:, 0] < 0) for a, b in pairwise(seen)]).sum(0)
    largest = torch.stack([(s.imbalance() - seen[0].imbalance()).abs() for s in seen]).amax(0)
    assert torch.equal(watched.flips, flips)
    assert bool(flips.any())
    torch.testing.assert_close(watched.largest, largest, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(watched.first, seen[0].imbalance(), rtol=0, atol=0)


def test_a_network_that_stops_keeps_its_counts() -> None:
    batch = start()
    W1 = batch.W1.clone()
    W1[2] = 1e200  # its loss overflows
    watched = Flips(steps=[STEPS])
    result = train(batch.replace(W1, batch.W2), objective(), GradientDescent(H), STEPS, watched)
    assert int(result.steps[2]) < STEPS
    assert watched.flips[2].tolist() == [0, 0]
    plain = Flips(steps=[STEPS])
    train(start(), objective(), GradientDescent(H), STEPS, plain)
    others = [0, 1, 3, 4, 5]
    assert torch.equal(watched.flips[others], plain.flips[others])


def test_the_law_holds_for_gradients_and_fails_for_anything_else() -> None:
    watched = Law(H, every=10)
    train(start(), objective(), GradientDescent(H), STEPS, watched)
    largest = max(float(s.flatten().square().sum(1).max()) for s in states())
    assert watched.residual < 100 * torch.finfo(torch.float64).eps * largest

    class Wrong(SortedObjective):
        def loss_and_gradient(self, batch: Batch) -> tuple[torch.Tensor, Gradient]:
            loss, gradient = super().loss_and_gradient(batch)
            return loss, Gradient(gradient.W1, 1.01 * gradient.W2)

    data = toy(100, seed=1)
    refuted = Law(H, every=10)
    train(start(), Wrong(data.x, data.y), GradientDescent(H), STEPS, refuted)
    assert refuted.residual > 1e-4
