"""Beyond Şimşek et al.: the zigzag of wide networks in appendix A.1 is the optimizer's.

The measurements on trained networks are in ``numerics.checks.simsek.appendix_a_deep``.
"""

from __future__ import annotations

from ..claim import Claim, Kind, Source

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.simsek.zigzag",
        Kind.EXPERIMENT,
        "The zigzag of wide networks is Adam's, the dip of narrow ones is not",
        Source("beyond", "after appendix A.1 of Şimşek et al."),
        r"On digits, from the same initial networks: under Adam with rate $10^{-3}$ the squared norm of the gradient "
        r"of networks of width 250 turns several times; under gradient descent with rate $.05$, which reaches a loss "
        r"below 1 as well, less often (in the runs here, not at all). So the zigzag comes with the steps that Adam "
        r"takes, and is no sign of saddles that any way down must pass. The dip and rise of networks of width 5 "
        r"appears under gradient descent too.",
        uses=("simsek.grad-norm", "simsek.appA1.mnist"),
    ),
)
