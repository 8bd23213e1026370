"""The losses of torch's functions against the expressions that they are."""

from __future__ import annotations

import pytest
import torch

from numerics.bridge import torch_function
from numerics.losses import loss_derivative_, summed_loss, weight_per_sample
from quadrics.sample_losses import OUTPUT, SAMPLE_LOSSES, TARGET

SOURCE = torch.Generator().manual_seed(0)
F = 10 * torch.randn(3, 2, 500, dtype=torch.float64, generator=SOURCE)
Y = torch.rand(2, 500, dtype=torch.float64, generator=SOURCE)
EPS = torch.finfo(torch.float64).eps


def differences(loss, formula):
    """Errors of the value and of the derivative, in roundings of the terms that they are summed up of."""
    terms = torch_function(formula, (OUTPUT, TARGET))(F, Y.expand_as(F))
    size = ((1 + F.abs()) ** 2).sum((1, 2))
    value = (summed_loss(F, Y, loss) - terms.sum((1, 2))).abs() / size
    slope = torch_function(formula.diff(OUTPUT), (OUTPUT, TARGET))(F, Y.expand_as(F)) / 500
    found = loss_derivative_(F.clone(), Y, loss) * weight_per_sample(loss, 500)
    return float(value.max()) / EPS, float(((found - slope).abs() * 500 / (1 + F.abs())).max()) / EPS


@pytest.mark.parametrize("loss", SAMPLE_LOSSES)
def test_torch_computes_the_expressions(loss) -> None:
    value, slope = differences(loss, SAMPLE_LOSSES[loss])
    assert value <= 1000, "as many additions"
    assert slope <= 8


@pytest.mark.parametrize("loss", SAMPLE_LOSSES)
def test_another_expression_is_another_loss(loss) -> None:
    value, slope = differences(loss, SAMPLE_LOSSES[loss] + OUTPUT**2 / 1000)
    assert value > 1e9
    assert slope > 1e9
