"""Names of activations: torch's own functions, and nothing that is evaluated."""

from __future__ import annotations

import pytest
import torch

from numerics.activation import sigma_of
from numerics.tools.named_activation import NAMES, activation_called
from quadrics.errors import DimensionError, NonFiniteError, UnknownActivationError

from ..moved_networks import KINDS


@pytest.mark.parametrize("name", sorted(KINDS))
def test_they_are_torchs(name: str) -> None:
    z = torch.linspace(-5, 5, 101, dtype=torch.float64)
    torch.testing.assert_close(sigma_of(activation_called(name))(z), KINDS[name].function(z))


def test_every_name_is_known() -> None:
    assert set(KINDS) | {"soft_sigmoid"} == set(NAMES)
    assert sigma_of(activation_called("leaky_relu", 0.2))(torch.tensor(-1.0)) == pytest.approx(-0.2)


@pytest.mark.parametrize("name", ["", "ReLU", "sin(z)", "__import__('os').system('true')", "[red]"])
def test_others_are_not(name: str) -> None:
    with pytest.raises(UnknownActivationError, match="expected one of absolute_value"):
        activation_called(name)


def test_bad_slopes() -> None:
    for slope in (float("nan"), float("inf")):
        with pytest.raises(NonFiniteError, match="slope"):
            activation_called("leaky_relu", slope)
    for slope in (-0.1, 1.5):
        with pytest.raises(DimensionError, match="between 0 and 1"):
            activation_called("leaky_relu", slope)
