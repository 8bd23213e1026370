"""Random points of expansions: inside the subspaces, and everywhere in them."""

import pytest
import sympy
import torch

from numerics.expansion_sampling import (
    as_weights,
    critical_points,
    expansion_points,
    network_outputs,
    random_configuration,
    random_core,
)
from quadrics.errors import DimensionError, ShapeError
from quadrics.expansion.configurations import Configuration
from quadrics.expansion.deep.blocks import Family
from quadrics.expansion.deep.counts import critical_subspaces, subspaces
from quadrics.expansion.deep.manifold import DeepCriticalSubspace
from quadrics.expansion.deep.networks import DeepParameters
from quadrics.expansion.deep.subspaces import DeepSubspace
from quadrics.expansion.enumeration import affine_subspaces

CORE = DeepParameters([[[1, 2], [0, -1]], [[3, -3], [1, 0]], [[2, 1]]])


def flat(weights):
    return torch.cat([W.flatten(1) for W in weights], 1)


@pytest.mark.parametrize("family", Family)
def test_points_satisfy_the_equations_and_span_the_subspace(family):
    source = torch.Generator().manual_seed(0)
    for P in list(subspaces((2, 2), (3, 3)))[::7]:
        S = DeepSubspace(CORE, P, family)
        points = flat(expansion_points(CORE, P, 30, source, family))
        start = torch.tensor([float(v) for v in S.base_point.entries()], dtype=torch.float64)
        directions = torch.tensor([[float(v) for v in d] for d in S.direction_vectors()], dtype=torch.float64).reshape(
            -1, len(start)
        )
        values = torch.linalg.svdvals(points - start)
        assert int((values > 1e-10 * values[0]).sum()) == S.dimension
        both = torch.linalg.svdvals(torch.cat([points - start, directions]))
        assert int((both > 1e-10 * both[0]).sum()) == S.dimension


def test_critical_points_span_their_subspace():
    source = torch.Generator().manual_seed(1)
    for P in list(critical_subspaces((2, 2), (4, 3)))[::9]:
        S = DeepCriticalSubspace(CORE, P)
        weights, shares = critical_points(CORE, P, 20, source)
        points = flat(weights)
        start = torch.tensor([float(v) for v in S.base_point.entries()], dtype=torch.float64)
        directions = torch.tensor([[float(v) for v in d] for d in S.direction_vectors()], dtype=torch.float64)
        both = torch.linalg.svdvals(torch.cat([points - start, directions]))
        assert int((both > 1e-10 * both[0]).sum()) == S.dimension
        for own, p in zip(shares, P, strict=True):
            for block in p.labelled_blocks:
                assert float((own[:, list(block)].sum(1) - 1).abs().max()) < 1e-14


def test_one_core_for_each_point():
    source = torch.Generator().manual_seed(2)
    core = random_core((2, 2, 1), 6, source)
    x = torch.randn(7, 2, generator=source, dtype=torch.float64)
    wide = expansion_points(core, [Configuration(2, (2, 1, -1, 2))], 6, source)
    torch.testing.assert_close(network_outputs(wide, x, torch.tanh), network_outputs(core, x, torch.tanh))


def test_every_configuration_occurs():
    source = torch.Generator().manual_seed(3)
    found = {random_configuration(2, 4, source) for _ in range(3000)}
    assert found == set(affine_subspaces(2, 4))
    assert all(random_configuration(2, 4, source, zero_types=False).is_critical for _ in range(50))


def test_exact_weights():
    exact = DeepParameters([[[sympy.Rational(1, 4)]], [[sympy.sqrt(2)]]])
    assert [float(W) for W in as_weights(exact)] == [0.25, 2**0.5]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: expansion_points(CORE, [Configuration(2, (1, 2))], 3, torch.Generator()), ShapeError),
        (
            lambda: critical_points(
                CORE, [Configuration(2, (1, 2, -1)), Configuration(2, (1, 2))], 3, torch.Generator()
            ),
            ShapeError,
        ),
        (lambda: random_configuration(3, 2, torch.Generator()), DimensionError),
    ],
)
def test_bad_input(call, error):
    with pytest.raises(error):
        call()
