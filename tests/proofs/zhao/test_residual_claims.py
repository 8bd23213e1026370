"""The claims on residual networks: verdicts, labels, and that a broken formula makes its claims fall."""

import pytest
import sympy as sp

from proofs.beyond import zhao_residual, zhao_residual_networks
from proofs.check import Context
from proofs.claim import Label
from proofs.ledger import examine
from proofs.verdict import Verdict
from proofs.zhao import section_4_residual
from quadrics.connectivity import residual_blocks

KNOWN = {
    claim.id: claim for claim in (*section_4_residual.CLAIMS, *zhao_residual.CLAIMS, *zhao_residual_networks.CLAIMS)
}
EXPECTED = {
    "zhao.eq2": "proved",
    "zhao.prop4.3": "proved",
    "zhao.prop4.3.printed": "refuted",
    "zhao.fig1": "checked",
    "zhao.abs.skip": "proved",
    "zhao.abs.skip.printed": "refuted",
    "beyond.zhao.skip": "checked",
    "beyond.zhao.skip-series": "proved",
    "beyond.zhao.skip-permutations": "proved",
}


def test_all_claims_are_expected():
    assert set(KNOWN) == set(EXPECTED)


@pytest.mark.parametrize("claim_id", EXPECTED)
def test_verdicts(claim_id):
    entry = examine(KNOWN[claim_id], Context())
    assert entry.failures == []
    assert entry.verdict == Verdict(EXPECTED[claim_id])


def test_labels():
    assert KNOWN["zhao.prop4.3.printed"].label is Label.TYPO
    assert KNOWN["zhao.abs.skip.printed"].label is Label.GAP


def test_a_wrong_target_makes_the_theorem_fall(monkeypatch):
    """With P_s = -2 ε I for s = -1 (full rank) wide blocks would have more components."""
    monkeypatch.setattr(
        residual_blocks.ResidualBlock,
        "target",
        lambda self, sign: (sign - 1) * self.skip * sp.eye(self.narrowest) if self.skip else sp.eye(self.narrowest),
    )
    failing = [one for one in KNOWN["beyond.zhao.skip"].evidence if "closed form" in getattr(one, "what", "")]
    assert len(failing) == 1
    assert not failing[0].run(Context()).sound
