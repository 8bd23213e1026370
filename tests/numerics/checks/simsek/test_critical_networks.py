"""The networks in floating point against the exact loss of ``quadrics``, and the search for critical points."""

from __future__ import annotations

import sympy
import torch

from numerics.checks.simsek.critical_networks import (
    ACTIVATIONS,
    Core,
    Problem,
    _levenberg_marquardt,
    _usable,
    copies,
    counted,
)
from numerics.checks.simsek.section_4_critical import eighths
from quadrics.expansion.coordinates import from_vector
from quadrics.expansion.critical.inertia import Inertia
from quadrics.expansion.critical.smooth_loss import SmoothLoss


def problem(activation, d_out, examples=16):
    source = torch.Generator().manual_seed(3)
    return Problem(
        torch.randint(-8, 9, (examples, 2), generator=source).double() / 4,
        torch.randint(-8, 9, (examples, d_out), generator=source).double() / 4,
        activation,
    )


def exact(tensor):
    return sympy.Matrix([[sympy.Rational(v) for v in row] for row in tensor.tolist()])


def test_derivatives_and_their_rounding():
    """Gradient, Hessian, U and S against 40 digits, within the bound of the rounding errors."""
    for activation in ACTIVATIONS:
        one, theta = problem(activation, 2), torch.tensor([0.5, -1.0, 0.25, 1.5, 2.0, -1.0, 0.5, 3.0]).double()
        network = from_vector([sympy.Rational(v) for v in theta.tolist()], 2, 2)
        loss = SmoothLoss.least_squares(network, exact(one.x), exact(one.y), activation)
        U, S = one.neuron(theta, 0)
        neuron = network.neuron(0)
        pairs = [
            (one.gradient(theta)[:, None], loss.gradient(network)),
            (one.hessian(theta), loss.hessian(network)),
            (U, loss.U(neuron.w)),
            (S, loss.S(neuron.w, neuron.a)),
        ]
        for found, wanted in pairs:
            error = max(abs(entry) for entry in exact(found) - wanted.applyfunc(lambda v: sympy.N(v, 40)))
            assert error <= one.rounding(theta)
        assert one.rounding(theta) < 1e-8


def test_the_search_finds_critical_points():
    source = torch.Generator().manual_seed(0)
    problems = [problem(ACTIVATIONS[0], 1)] * 20
    found = _levenberg_marquardt(problems, torch.randn(20, 3, generator=source, dtype=torch.float64))
    cores = [core for core in map(Core, problems, found) if _usable(core)]
    assert cores
    assert all(float(core.problem.gradient(core.theta).abs().max()) < 1e-12 for core in cores)
    assert not _usable(Core(problems[0], found[0] + 0.1))


def test_copies_and_counts():
    core = Core(problem(ACTIVATIONS[0], 1), torch.tensor([1.0, 2.0, 3.0]).double())
    wide = copies(core, (0, 0), [torch.tensor([4.0]).double(), torch.tensor([-1.0]).double()])
    assert wide.tolist() == [1, 2, 1, 2, 4, -1]
    assert torch.allclose(core.problem.output(wide), core.problem.output(core.theta))
    found, gap = counted(torch.diag(torch.tensor([-1.0, 1e-9, 0.5])), 1e-6)
    assert found == Inertia(1, 1, 1)
    assert round(gap) == 500_000


def test_shares_add_up():
    source = torch.Generator().manual_seed(0)
    drawn = [eighths(source, k) for k in (1, 2, 3) for _ in range(50)]
    assert all(sum(betas) == 1 for betas in drawn)
    assert {0} < {(b > 0) - (b < 0) for betas in drawn for b in betas} == {-1, 0, 1}
