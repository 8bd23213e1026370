"""The measurements on expansions, shallow and deep: they pass, and what they rest on is right."""

import pytest
import torch

from numerics.checks.simsek import section_3, section_4_counts, section_5
from numerics.checks.simsek.deep_minima import _jacobian, critical_network, critical_networks
from numerics.checks.simsek.expanded_networks import farthest_along
from numerics.checks.simsek.section_4_counts import _weights
from numerics.expansion_sampling import critical_points, random_configuration, random_core
from numerics.network_rounding import flatten, hessian, loss_of, outputs, unflatten
from proofs.check import Context
from proofs.evidence import Status
from quadrics.expansion.counts import T
from quadrics.smooth_activation import sigmoid, tanh

CHECKS = {**section_3.CHECKS, **section_4_counts.CHECKS, **section_5.CHECKS}


@pytest.fixture(scope="module")
def context():
    return Context()


@pytest.mark.parametrize("claim_id", CHECKS)
def test_measurements_pass_and_reject_their_mutants(claim_id, context):
    for check in CHECKS[claim_id]:
        evidence = check.run(context)
        assert evidence.status is Status.PASSED, evidence.details
        assert all(control.rejected for control in evidence.controls)


def test_the_jacobian_is_that_of_automatic_differentiation():
    source = torch.Generator().manual_seed(0)
    weights = [W[0] for W in random_core((2, 3, 2, 2), 1, source)]
    x = torch.randn(5, 2, generator=source, dtype=torch.float64)
    wanted = torch.func.jacrev(lambda v: outputs(unflatten(v, weights), x, tanh))(flatten(weights)).flatten(0, 1)
    torch.testing.assert_close(_jacobian(weights, x, tanh), wanted, rtol=1e-12, atol=1e-14)


def test_the_networks_found_are_minima_that_do_not_fit(context):
    for _, one in critical_networks(context):
        loss = loss_of(one.weights, one.x, one.y, one.sigma)
        assert float(loss(flatten(one.weights))) > 1e-3
        assert float(one.gradient.abs().max()) < 1e-10
        assert float(torch.linalg.eigvalsh(hessian(loss)(flatten(one.weights))).min()) > -1e-8


def test_searches_may_fail():
    source = torch.Generator().manual_seed(1)
    found = [critical_network((2, 2, 2), sigmoid, source) for _ in range(6)]
    assert any(one is not None for one in found)


def test_copies_of_a_point_that_is_not_critical_have_a_gradient():
    source = torch.Generator().manual_seed(2)
    core = random_core((2, 2, 1), 1, source)
    weights = [
        W[0] for W in critical_points(core, [random_configuration(2, 4, source, zero_types=False)], 1, source)[0]
    ]
    x, y = (torch.randn(6, d, generator=source, dtype=torch.float64) for d in (2, 1))
    assert float(torch.func.grad(loss_of(weights, x, y, tanh))(flatten(weights)).abs().max()) > 1e-3


def test_the_weights_of_dobinskis_formula():
    for r, m in ((1, 3), (3, 8), (10, 20)):
        steps, total = _weights(r, m)
        assert steps[-1] == pytest.approx(1, abs=1e-12)
        assert T(r, m) < total  # a probability


def test_a_path_without_segments_rests():
    core = [W[0] for W in random_core((2, 2, 1), 1, torch.Generator().manual_seed(3))]
    assert farthest_along([core], core, torch.ones(1, 2, dtype=torch.float64), tanh) == 0
    moved = [core[0], 2 * core[1]]
    assert farthest_along([core, moved], core, torch.ones(1, 2, dtype=torch.float64), tanh) > 1
