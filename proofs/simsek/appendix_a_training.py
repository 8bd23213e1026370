"""Figure 1 (c) and appendix A: a teacher with four sigmoid neurons, and students of widths 5 and 45.

The measurements on trained networks are in ``numerics.checks.simsek.appendix_a``.
"""

from __future__ import annotations

from ..claim import Claim, Kind, Source

MISSING = (
    "Adam's rate and number of steps (it ran until a loss of 1e-7, which the stuck students never reach), the seeds, "
    "and how many of the 50 students of width 5 succeeded"
)

CLAIMS = (
    Claim(
        "simsek.fig1c",
        Kind.EXPERIMENT,
        "Figure 1 (c): students of width 5 sometimes find a global minimum, those of width 45 always",
        Source("simsek", "Figure 1 (c)", "1"),
        r"A teacher with four sigmoid neurons is learned, from Glorot's uniform initialization, by some students of "
        r"width 5 (about six in ten of those here), not by all; the others stay at losses above $10^{-7}$. Students of "
        r"width 45 all pass far below these plateaus (given time, below $10^{-15}$).",
        uses=("simsek.net", "simsek.eq2", "simsek.appA"),
        missing=MISSING,
    ),
    Claim(
        "simsek.appA",
        Kind.EXPERIMENT,
        "Appendix A: a loss below 1e-15, or none near it",
        Source("simsek", "Experimental details for the Figures 1 and 5", "A"),
        r"On the 1681 points $(i/4,j/4)$, $|i|,|j|\le20$, with targets from four neurons with incoming weights "
        r"$(.6,.5)$, $(-.5,.5)$, $(-.2,-.6)$, $(.1,-.6)$ and outgoing weights 1, a second-order method after Adam "
        r"tells global minima from the rest: a final loss is either below $10^{-15}$ or above $10^{-7}$.",
        uses=("simsek.net", "simsek.eq2"),
        missing=MISSING,
    ),
    Claim(
        "simsek.appA.fig1",
        Kind.EXPERIMENT,
        "Appendix, figure 1: stuck at a local minimum, or the teacher's neurons up to their signs",
        Source("simsek", "Figure 1 of the appendix", "A"),
        r"Students of width 5 that fail are not at strict saddles. Some (most of those here) are at isolated local "
        r"minima with five distinct neurons; among the others are some on a symmetry-induced critical subspace without "
        r"descent, over a local minimum of width 4, and some in a channel in which two neurons merge while their "
        r"outgoing weights grow with opposite signs; no more than a quarter still creep along a valley. "
        r"Those that succeed match the teacher's neurons up to sign: since $\sigma(-z)=1-\sigma(z)$, a zero loss "
        r"means, for the sums $A_W$ of outgoing weights at incoming weight $W$, less the teacher's, that $A_W=A_{-W}$ "
        r"for $W\ne0$ and $\sum_WA_W=0$. Some of them are outside of $\Theta_{4\to5}$, which asks for $A_W=0$.",
        uses=("simsek.fig1c", "simsek.remB.3", "simsek.prop4.4", "simsek.def3.3"),
        missing=MISSING,
    ),
)
