"""Batches with smooth activations: padding, modules in and out, refusals (gradients: ``test_objective``)."""

import pytest
import sympy
import torch
from torch import nn

from numerics.activation import SmoothModule, homogeneous_sigma_of, sigma_of
from numerics.batch import Batch, stack
from numerics.initialize import rescale
from numerics.modules import SMOOTH
from numerics.objective import Objective
from numerics.optimizers import Adam
from numerics.sorted_gradient import SortedObjective
from numerics.training import train
from quadrics.activation import relu
from quadrics.errors import BridgeError, NonFiniteError, ShapeError, SymmetryError
from quadrics.smooth_activation import (
    NAMED,
    SmoothActivation,
    Z,
    erf,
    gelu,
    sigmoid,
    silu,
    soft_sigmoid,
    softplus,
    tanh,
)

ACTIVATIONS = [*NAMED.values(), SmoothActivation("cosine", sympy.cos(Z)), SmoothActivation("square", Z**2)]
BY_NAME = {"ids": lambda a: a.name}


def problem(e=1, activation=sigmoid, widths=(1, 4, 2, 3, 3), d=3, bias=True):
    torch.manual_seed(e)

    def one(width):
        b1, b2 = (torch.randn(1, width).double(), torch.randn(1, e).double()) if bias else (None, None)
        return Batch(
            torch.randn(1, width, d).double(), torch.randn(1, e, width).double(), b1, b2, activation=activation
        )

    return stack(one(width) for width in widths), torch.randn(37, d).double(), torch.randn(37, e).double()


@pytest.mark.parametrize("activation", [sigmoid, tanh], **BY_NAME)
@pytest.mark.parametrize("e", [1, 2])
def test_padding_never_moves(activation, e):
    batch, x, y = problem(e, activation)
    end = train(batch, Objective(x, y), Adam(0.1), 20).batch
    padding = ~batch.mask
    assert not end.W1[padding].any()
    assert not end.b1[padding].any()
    assert not end.W2.transpose(1, 2)[padding].any()
    for k in range(batch.n):  # nor does it change what the others do
        alone = Batch.from_layers([batch.layers(k)], activation)
        torch.testing.assert_close(
            train(alone, Objective(x, y), Adam(0.1), 20).batch.output(x)[0], end.output(x)[k], rtol=1e-9, atol=1e-9
        )


def test_huge_weights_neither_overflow_nor_vanish():
    x = torch.tensor([[1.0], [-1.0]], dtype=torch.float64)
    batch = Batch(
        torch.full((1, 1, 1), 5e3, dtype=torch.float64), torch.ones(1, 1, 1, dtype=torch.float64), activation=softplus
    )
    loss, gradient = Objective(x, torch.zeros(2, dtype=torch.float64)).loss_and_gradient(batch)
    assert loss.item() == 5e3**2 / 2
    assert gradient.W1.item() == 5e3
    assert gradient.W2.item() == 5e3**2


@pytest.mark.parametrize("activation", ACTIVATIONS, **BY_NAME)
def test_modules_and_back(activation):
    batch, x, _ = problem(activation=activation)
    again = Batch.from_modules(batch.to_modules())
    assert again.activation == activation
    assert torch.equal(again.flatten(), batch.flatten())
    for k, module in enumerate(batch.to_modules()):
        torch.testing.assert_close(module(30 * x), batch.output(30 * x)[k], rtol=1e-12, atol=1e-12)


def test_torchs_own_modules_where_there_are_some():
    for activation in (sigmoid, tanh, softplus, gelu, silu):
        assert type(problem(activation=activation)[0].to_modules()[0][1]).__module__.startswith("torch.nn")
        assert activation in SMOOTH
    assert isinstance(problem(activation=erf)[0].to_modules()[0][1], SmoothModule)
    assert "soft_sigmoid(1, 4)" in repr(SmoothModule(soft_sigmoid()))


@pytest.mark.parametrize("module", [nn.Softplus(beta=2), nn.GELU("tanh"), nn.Softplus(threshold=5), nn.ELU()])
def test_modules_that_compute_something_else_are_refused(module):
    with pytest.raises(ShapeError, match="activation"):
        Batch.from_modules([nn.Sequential(nn.Linear(1, 1), module, nn.Linear(1, 1))])


def test_stacks_keep_activations_apart():
    with pytest.raises(ShapeError):
        stack([problem(activation=relu)[0], problem(activation=sigmoid)[0]])


def test_second_derivative_and_zero():
    z = torch.linspace(-3, 3, 7, dtype=torch.float64)
    for activation in NAMED.values():
        exact = [float(activation.derivative(sympy.Rational(v), 2)) for v in z.tolist()]
        torch.testing.assert_close(sigma_of(activation).second_derivative(z).tolist(), exact, rtol=1e-13, atol=1e-15)
        assert sigma_of(activation).fixes_zero == (activation.name in ("tanh", "erf", "gelu", "silu"))
        assert not sigma_of(activation).is_homogeneous
    assert sigma_of(relu).is_homogeneous


def test_what_needs_homogeneity_says_so():
    batch, x, y = problem(activation=sigmoid, d=2, bias=False)
    with pytest.raises(
        SymmetryError, match=r"imbalance: got the activation sigmoid; expected a positively homogeneous"
    ):
        batch.imbalance()
    with pytest.raises(SymmetryError, match="rescale"):
        rescale(batch, torch.ones(1))
    with pytest.raises(SymmetryError):
        SortedObjective(x.abs(), y).gradient(batch)
    with pytest.raises(SymmetryError):
        homogeneous_sigma_of(tanh, "test")


@pytest.mark.parametrize(
    ("formula", "error"),
    [
        (1 / Z, NonFiniteError),
        (sympy.log(Z), NonFiniteError),
        (sympy.sqrt(Z - 1), NonFiniteError),
        (sympy.besselj(0, Z), BridgeError),
    ],
)
def test_bad_activations_are_refused(formula, error):
    with pytest.raises(error):
        sigma_of(SmoothActivation("bad", formula))(torch.zeros(1))
