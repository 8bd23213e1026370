"""Kinks counted on values of the function, against networks whose kinks are known."""

import pytest
import torch

from numerics.batch import Batch
from numerics.checks.kinks import kinks
from numerics.checks.sampling import networks
from quadrics.activation import absolute_value, leaky_relu, linear


@pytest.mark.parametrize("width", [1, 2, 5])
@pytest.mark.parametrize("activation", [leaky_relu(0), leaky_relu(0.25), absolute_value])
def test_a_generic_network_has_a_kink_of_the_sign_of_each_output_weight(width, activation):
    batch = networks(torch.Generator().manual_seed(width), 200, width, 2, activation=activation)
    found = kinks(batch)
    positive = (batch.W2[:, 0] > 0).sum(1)
    assert found.resolved.sum() > 180
    assert bool((found.positive == positive)[found.resolved].all())
    assert bool((found.negative == width - positive)[found.resolved].all())


def test_linear_networks_have_none():
    found = kinks(networks(torch.Generator().manual_seed(0), 20, 4, 2, activation=linear))
    assert not bool((found.positive + found.negative).any())
    assert bool(found.resolved.all())


def test_masses_on_one_line_add_up():
    W1 = torch.tensor([[[1.0, 2.0], [-0.5, -1.0], [1.0, 0.0]]]).double()
    found = kinks(Batch(W1, torch.tensor([[[1.0, -4.0, 0.0]]]).double()))
    assert (int(found.positive), int(found.negative)) == (0, 1)  # 1 - 4/2 < 0, and nothing from a = 0


def test_lines_that_are_too_close():
    a = torch.tensor([[[1.0, -2.0]]]).double()
    near, merged = (Batch(torch.tensor([[[1.0, gap], [1.0, -gap]]]).double(), a) for gap in (6e-4, 1e-6))
    assert not bool(kinks(near).resolved)
    found = kinks(merged)
    assert int(found.positive + found.negative) == 1  # a lower bound: the two are in one cell
