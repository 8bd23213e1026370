"""Components and Betti numbers of samples, and what is refused or skipped."""

from __future__ import annotations

import sys

import pytest
import torch

from numerics import homology
from numerics.homology import count_components, sampled_betti_numbers
from numerics.sampling import Net, quadric_net
from proofs import Skipped
from quadrics.errors import DimensionError
from quadrics.quadric import Quadric


def source() -> torch.Generator:
    return torch.Generator().manual_seed(3)


@pytest.mark.parametrize(("d", "e", "c"), [(1, 1, 1), (2, 1, -1), (2, 1, 1), (1, 2, -1)])
def test_samples_of_quadrics(d: int, e: int, c: int) -> None:
    Q = Quadric(d, e, c)
    net = quadric_net(Q, 0.2, 0.1, source())
    assert count_components(net) == Q.number_of_components()
    pytest.importorskip("gudhi")
    assert sampled_betti_numbers(net.noisy(1e-3, source()), 1.0) == Q.homotopy_type.betti_numbers()


def test_a_coarse_net_decides_nothing() -> None:
    with pytest.raises(DimensionError, match="weak feature size"):
        sampled_betti_numbers(quadric_net(Quadric(2, 1, 1), 0.5, 0.5, source()), 1.0)


def test_too_many_pairs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homology, "MOST_PAIRS", 10)
    with pytest.raises(DimensionError, match="pairs"):
        count_components(Net(torch.zeros(9, 1, dtype=torch.float64), 1.0, 1.0))


def test_without_gudhi_the_evidence_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gudhi", None)
    with pytest.raises(Skipped, match="topology"):
        sampled_betti_numbers(Net(torch.zeros(2, 1, dtype=torch.float64), 0.1, 0.2), 1.0)
