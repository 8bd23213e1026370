"""Beyond section 8: exact laws for momentum, ℓ1 penalties and sign descent, and what they do to an obstruction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from quadrics.conservation import gradient
from quadrics.discretization import gradient_step
from quadrics.forms import form, imbalance
from quadrics.network import Parameters, TwoLayer
from quadrics.optimizer_laws import l1_rate, momentum_amplification, momentum_imbalance, sign_rate, step_imbalance

from ..check import Context, Control, certificate, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope, decided
from ..rules import differentiate, entails, equal, substitute
from ..smt import valid
from ..vectors import Inner, Vector, bilinear, bilinear_modulo, inner, inner_product, vectors

Law = Callable[..., Any]


def _form(first: tuple[Vector, Vector], second: tuple[Vector, Vector]) -> Inner:
    """⟨⟨x, y⟩⟩ of two points (w, a)."""
    return inner_product(first[0], second[0]) - inner_product(first[1], second[1])


def _moved(point: tuple[Vector, Vector], factor: Any, by: tuple[Vector, Vector]) -> tuple[Vector, Vector]:
    return point[0] + factor * by[0], point[1] + factor * by[1]


def _momentum() -> list[Step]:
    w, a, g1, g2, p1, p2 = vectors("w a g1 g2 p1 p2")
    theta, g, p = (w, a), (g1, g2), (p1, p2)
    h, beta, lam = sp.symbols("h beta lambda")
    balance = sp.Eq(inner("w", "g1"), inner("a", "g2"))
    m = (beta * p1 + g1, beta * p2 + g2)
    ahead = _moved(g, beta, m)
    known = (_form(theta, theta), _form(theta, p), _form(g, g), _form(g, m), _form(m, m))
    steps = [
        step(
            bilinear,
            _form(*[_moved((theta[0] - h * lam * w, theta[1] - h * lam * a), -h, p)] * 2),
            step_imbalance(_form(theta, theta).expanded(), _form(theta, p).expanded(), _form(p, p).expanded(), h, lam),
            "any step θ' = (1 - hλ)θ - hp, whatever p is",
        )
    ]
    for nesterov, direction in ((False, m), (True, ahead)):
        name = "Nesterov's step" if nesterov else "the step θ' = θ - hm, m = βp + g"
        after = _moved(theta, -h, direction)
        cc, cb, gg, gm, mm = (value.expanded() for value in known)
        c, b = momentum_imbalance(cc, cb, gg, gm, mm, h, beta, nesterov)
        steps.append(step(bilinear_modulo(balance), _form(after, after), c, f"{name}: the imbalance"))
        steps.append(step(bilinear_modulo(balance), _form(after, m), b, f"{name}: ⟨⟨θ', m⟩⟩"))
    return steps


def _heavy_ball() -> list[Step]:
    """c'' + γc' = 2⟨⟨θ', θ'⟩⟩ along θ'' + γθ' = -∇L: with p = θ', c' = 2⟨⟨θ, p⟩⟩."""
    w, a, g1, g2, p1, p2 = vectors("w a g1 g2 p1 p2")
    theta, p = (w, a), (p1, p2)
    friction = sp.Symbol("gamma")
    balance = sp.Eq(inner("w", "g1"), inner("a", "g2"))
    force = (-friction * p1 - g1, -friction * p2 - g2)
    second = 2 * _form(p, p) + 2 * _form(theta, force)
    return [
        step(
            bilinear_modulo(balance),
            second,
            (2 * _form(p, p) - 2 * friction * _form(theta, p)).expanded(),
            "c'' = 2⟨⟨p, p⟩⟩ + 2⟨⟨θ, p'⟩⟩ = 2⟨⟨p, p⟩⟩ - γc': no conservation, c is driven by the difference of the "
            "kinetic energies of w and a",
        )
    ]


def _amplification() -> list[Step]:
    b, G, h, beta = sp.symbols("b G h beta")
    steps = []
    for nesterov in (False, True):
        gm, mm = G / (1 - beta), G / (1 - beta) ** 2
        turned = (gm + beta * mm) if nesterov else mm
        resting = -h * turned / (1 - beta)
        new_c, new_b = momentum_imbalance(0, b, G, gm, mm, h, beta, nesterov)
        rate = h / (1 - beta)
        steps += [
            step(
                substitute({b: resting}),
                new_b,
                sp.factor(resting),
                "the velocity at rest, m = g/(1 - β), keeps b" + (" (Nesterov)" if nesterov else ""),
            ),
            step(
                substitute({b: resting}),
                new_c,
                rate**2 * G * momentum_amplification(beta, nesterov),
                "and c grows by so many times what gradient descent adds at the rate h/(1 - β)",
            ),
        ]
    return steps


def _l1_flow() -> list[Step]:
    w, a, g1, g2, s1, s2 = vectors("w a g1 g2 s1 s2")
    lam, x = sp.Symbol("lambda"), sp.Symbol("x", real=True)
    balance = sp.Eq(inner("w", "g1"), inner("a", "g2"))
    slope = 2 * _form((w, a), (-g1 - lam * s1, -g2 - lam * s2))
    S, W, A, c, rate = sp.symbols("S W A c rate")
    y = sp.Symbol("y")
    t = sp.Symbol("t", real=True)
    u, level = sp.Function("u")(t), sp.Function("c")(t)
    norms = sp.And(S >= W, W >= 0, A >= 0, sp.Eq(c, W**2 - A**2), lam > 0, sp.Eq(rate, -2 * lam * (S - A)))
    factor = sp.exp(2 * lam * sp.Integral(u, (t, 0, t)))
    return [
        step(
            bilinear_modulo(balance),
            slope,
            -2 * lam * (inner("s1", "w") - inner("a", "s2")),
            "d/dt c under w' = -(g1 + λs1), a' = -(g2 + λs2), s the signs",
        ),
        step(equal, x * sp.sign(x), sp.Abs(x), "so that ⟨w, s1⟩ = ‖w‖₁ and ⟨a, s2⟩ = |a| (e = 1)"),
        step(
            entails,
            sp.And(S >= 0, y >= 0, S**2 >= W**2),
            (S + y) ** 2 >= W**2 + y**2,
            "‖w‖₁² >= |w|², entry by entry: S stands for ‖w‖₁, W for |w|, A for |a| from here on",
        ),
        step(entails, sp.And(norms, sp.Eq(c, 0)), rate <= 0, "at c = 0 the imbalance does not rise"),
        step(
            entails, sp.And(norms, S > W, sp.Eq(c, 0)), rate < 0, "and falls if two entries of w are not 0 (S > W then)"
        ),
        step(entails, norms, rate * (W + A) <= -2 * lam * c, "dc/dt <= -2λ c/(|w| + |a|), multiplied out"),
        step(
            differentiate(t),
            level * factor,
            (level.diff(t) + 2 * lam * u * level) * factor,
            "so with u = 1/(|w| + |a|), c e^(2λ∫u) does not increase: c < 0 stays so until the whole neuron is 0",
        ),
        step(entails, sp.And(W >= 0, A >= 0, W**2 - A**2 < 0), A > 0, "and until then a does not vanish"),
    ]


def _l1_vanished() -> list[Step]:
    """Near 0 the penalty, which is of order 1, beats the gradient, which is of order |θ|."""
    size, pull, lam, rate = sp.symbols("size pull lambda rate")
    return [
        step(
            entails,
            sp.And(size >= 0, pull > 0, lam > 0, size * pull < lam, rate <= size * pull - lam),
            rate < 0,
            "d/dt (‖w‖₁ + |a|) <= ‖v‖₁ (‖w‖₁ + |a|) - λ while it is not 0: what is 0 stays 0",
        )
    ]


def _l1_makes_pathological() -> list[Step]:
    t = sp.Symbol("t", positive=True)
    w, a = (1 - t, 1 - t), sp.Rational(6, 5) - t
    level = sum(x**2 for x in w) - a**2
    return [
        step(
            equal,
            sp.diff(level, t).subs(t, sp.Rational(1, 2)),
            l1_rate([x.subs(t, sp.Rational(1, 2)) for x in w], [a.subs(t, sp.Rational(1, 2))], 1),
            "a neuron with w = (1, 1), a = 6/5 that no sample activates, λ = 1: w = (1 - t, 1 - t), a = 6/5 - t",
        ),
        step(substitute({t: 0}), level, sp.Rational(14, 25), "starts healthy"),
        step(substitute({t: sp.Rational(9, 10)}), level, -sp.Rational(7, 100), "and becomes pathological"),
    ]


def _at_the_cone(sign: int, anywhere: bool = False) -> Any:
    """d = 3, all weights made nonnegative: where c = 0, sign * dc/dt <= 0 for the rate of the ℓ1 penalty."""
    x, y, z, a = sp.symbols("x y z a", nonnegative=True)
    rate = l1_rate([x, y, z], [a], 1)
    plain = {symbol: sp.Symbol(symbol.name) for symbol in (x, y, z, a)}
    hypotheses = [symbol >= 0 for symbol in plain.values()]
    if not anywhere:
        hypotheses.append(sp.Eq(x**2 + y**2 + z**2, a**2).subs(plain))
    return sp.Implies(sp.And(*hypotheses), sign * rate.subs(plain) <= 0)


def _l1_step(bound: Any) -> Any:
    """c < 0, h|v| = x <= 1 and a (1 - x) > bound hλ: a step with the penalty keeps a > 0. By norms, for every d."""
    a, p, ww, vv, h, lam, x = sp.symbols("a p W V h lambda x")
    hypotheses = [a > 0, ww >= 0, vv >= 0, h > 0, lam > 0, x >= 0, x <= 1, sp.Eq(x**2, h**2 * vv)]
    hypotheses += [p**2 <= ww * vv, ww < a**2, a * (1 - x) > bound * h * lam]
    return sp.Implies(sp.And(*hypotheses), a - h * p - h * lam > 0)


def _decide(formula: Any, context: Context) -> Outcome:
    return valid(formula)


def _signs() -> list[Step]:
    w, a, s1, s2 = vectors("w a s1 s2")
    x, y = (sp.Symbol(name, real=True) for name in "xy")
    size = sp.Symbol("A", positive=True)
    n, beta, g = sp.symbols("n beta g", real=True)
    t = sp.Symbol("t", positive=True)
    eps = sp.Rational(1, 10)
    W, A = (1 - t, -t), sp.Rational(3, 2) - t
    level = W[0] ** 2 + W[1] ** 2 - A**2
    V = (1, eps)
    at = {t: sp.Rational(1, 2)}
    return [
        step(
            bilinear,
            2 * _form((w, a), (-1 * s1, -1 * s2)),
            -2 * (inner("s1", "w") - inner("a", "s2")),
            "d/dt c under w' = -s1, a' = -s2, s the signs of the gradient: eq. (9) does not speak of signs",
        ),
        *(
            step(
                equal,
                -2 * (x * sp.sign(a * y) - a * sp.sign(x * y)),
                sign_rate([x], a, [y]),
                f"e = 1: g1 = a v and g2 = ⟨w, v⟩, here for one entry of w and {case}",
                mutants=[sign_rate([x], -a, [y])],
            )
            for a, case in ((size, "a > 0"), (-size, "a < 0"))
        ),
        step(
            equal,
            beta * (1 - beta**n) * g + (1 - beta) * g,
            (1 - beta ** (n + 1)) * g,
            "Adam, a gradient that stays the same: after n steps the first moment is (1 - β^n) g, the second "
            "(1 - β^n) g², corrected g and g², so the step is h sign(g)",
        ),
        step(
            equal,
            sp.diff(level, t).subs(at),
            sign_rate([x.subs(at) for x in W], A.subs(at), V),
            "a constant v = (1, 1/10) from w = (1, 0), a = 3/2: w = (1 - t, -t), a = 3/2 - t while ⟨w, v⟩ > 0",
        ),
        step(substitute({t: 0}), level, -sp.Rational(5, 4), "starts pathological"),
        step(
            substitute({t: sp.Rational(9, 10)}),
            level,
            sp.Rational(23, 50),
            "and is healed at t = 9/10, by no finite step: the flow itself crosses c = 0",
        ),
        step(entails, t < sp.Rational(10, 11), (1 - t) - t * eps > 0, "⟨w, v⟩ > 0 until t = 10/11"),
        step(
            entails,
            sp.And(t < sp.Rational(10, 11), t > 0),
            sp.Rational(3, 2) - t > 0,
            "and a > 0, so that the signs of the gradient are constant",
        ),
        step(
            equal,
            sign_rate([1, 0], sp.Rational(3, 2), [-1, 0]),
            -sp.Integer(1),
            "with the opposite v a negative c falls: neither direction is excluded",
        ),
    ]


def _momentum_of_networks(law: Law, context: Context) -> Outcome:
    """Three exact steps of rational networks, with and without biases, heavy ball and Nesterov, against the law."""
    h, beta = sp.Rational(1, 10), sp.Rational(1, 2)
    cases = 0
    for bias in (False, True):
        for nesterov in (False, True):
            theta = Parameters([[1, 2], [2, -1]], [[3, sp.Rational(1, 2)]], *(([1, -1], [0]) if bias else (None, None)))
            net = TwoLayer(2, 2, 1, bias=bias)
            x = sp.Matrix([[1, -1], [2, 1]])
            ones = sp.ones(1, 2)
            velocity, b = None, [sp.Integer(0)] * 2
            for _ in range(3):
                z = theta.W1 * x if theta.b1 is None else theta.W1 * x + theta.b1 * ones
                g = gradient(theta, x, z.applyfunc(net.activation.derivative), net.output(x, theta) / 2)
                velocity = g if velocity is None else gradient_step(g, velocity, -beta)
                direction = gradient_step(g, velocity, -beta) if nesterov else velocity
                said = [
                    law(c, b[k], form(g, g, k), form(g, velocity, k), form(velocity, velocity, k), h, beta, nesterov)
                    for k, c in enumerate(imbalance(theta))
                ]
                theta = gradient_step(theta, direction, h)
                found = [(c, form(theta, velocity, k)) for k, c in enumerate(imbalance(theta))]
                gaps = [p - q for one, two in zip(said, found, strict=True) for p, q in zip(one, two, strict=True)]
                if any(sp.expand(gap) != 0 for gap in gaps):
                    return decided(False, bias=bias, nesterov=nesterov, said=said, found=found)
                b = [value for _, value in found]
                cases += 1
    return decided(True, steps=cases)


def _of_gradient_descent(law: Law) -> Law:
    return lambda c, b, gg, gm, mm, h, beta, nesterov: (c + h**2 * gg, law(c, b, gg, gm, mm, h, beta, nesterov)[1])


CLAIMS = (
    Claim(
        "beyond.nurisso.momentum",
        Kind.THEOREM,
        "Momentum changes the imbalance by an exact law, and about (1 + β)/(1 - β) times as fast",
        Source("beyond", "on Section 8"),
        r"For $m'=\beta m+g$, $\theta'=\theta-hm'$ and $b=\langle\langle\theta,m\rangle\rangle$ (the form that is $c$ "
        r"on the diagonal): $c'=c-2h\beta b+h^2\langle\langle m',m'\rangle\rangle$, "
        r"$b'=\beta b-h\langle\langle m',m'\rangle\rangle$; Nesterov's step obeys a like law. In the limit "
        r"$\ddot\theta+\gamma\dot\theta=-\nabla L$: $\ddot c+\gamma\dot c=2\langle\langle\dot\theta,\dot\theta"
        r"\rangle\rangle$, so that $c$ is not conserved. At small steps it drifts $(1+\beta)/(1-\beta)$ times as fast "
        r"as by gradient descent at the rate $h/(1-\beta)$: 19 times for $\beta=0.9$.",
        relation=lambda: sp.Eq(sp.Symbol("c'"), momentum_imbalance(*sp.symbols("c b G_1 G_2 G_3 h beta"))[0]),
        uses=("nurisso.eq9", "beyond.nurisso.discrete-law"),
        evidence=[
            Derivation("both laws, in any dimension, for any gradient that satisfies eq. (9)", _momentum),
            Derivation("the flow of a ball with friction", _heavy_ball),
            Derivation("how much faster, at rest", _amplification),
            enumeration(
                "three exact steps of rational networks, with and without biases and Nesterov's step",
                lambda: momentum_imbalance,
                _momentum_of_networks,
                [
                    Control("gradient descent's law", _of_gradient_descent),
                    Control("the other of the two steps", lambda law: lambda *x: law(*x[:-1], not x[-1])),
                    Control("β for -β", lambda law: lambda c, b, *rest: law(c, -b, *rest)),
                ],
                Scope.INSTANCE,
            ),
        ],
    ),
    Claim(
        "beyond.nurisso.l1",
        Kind.THEOREM,
        "An ℓ1 penalty keeps pathological neurons pathological, and makes more of them",
        Source("beyond", "on Section 8"),
        r"Under gradient flow of $L+\lambda\|\theta\|_1$, $\dot c_k=-2\lambda(\|w_k\|_1-\|a_k\|_1)$. For $e=1$: "
        r"$\dot c\le-2\lambda c/(|w|+|a|)$, so $c<0$ stays negative, and $a$ keeps its sign, until the whole neuron is "
        r"zero, where it stays; $c$ crosses zero downwards where two entries of $w$ are not zero. So the obstruction "
        r"persists, and healthy neurons become pathological. A step of size $h$ can change the sign of $a$ while $c<0$ "
        r"only where $|a|(1-h|v|)\le h\lambda$: the neuron is about to vanish.",
        relation=lambda: sp.Eq(
            sp.Symbol("c'"), l1_rate(sp.symbols("w_1 w_2", real=True), [sp.Symbol("a", real=True)], sp.Symbol("lambda"))
        ),
        uses=("nurisso.eq9", "nurisso.sec8.reg"),
        evidence=[
            Derivation("the rate, and which way it points", _l1_flow),
            Derivation("a neuron that is zero stays zero", _l1_vanished),
            Derivation("a healthy neuron that becomes pathological", _l1_makes_pathological, Scope.INSTANCE),
            certificate(
                "d = 3 in coordinates: at c = 0 the penalty does not raise c (by z3)",
                lambda: _at_the_cone(1),
                _decide,
                [
                    Control("nor does it lower it", lambda _: _at_the_cone(-1)),
                    Control("nor at other c", lambda _: _at_the_cone(1, anywhere=True)),
                ],
            ),
            certificate(
                "finite steps: only where |a| (1 - h|v|) <= hλ can a pathological neuron's output change sign (by z3)",
                lambda: _l1_step(1),
                _decide,
                [
                    Control("half of it", lambda _: _l1_step(sp.Rational(1, 2))),
                    Control("nowhere", lambda _: _l1_step(0)),
                ],
            ),
        ],
    ),
    Claim(
        "beyond.nurisso.sign-descent",
        Kind.THEOREM,
        "Sign descent, to which Adam's small steps tend, moves c across zero in either direction",
        Source("beyond", "on Section 8"),
        r"Under $\dot\theta=-\operatorname{sign}\nabla L$, $\dot c=-2(\langle w,\operatorname{sign}g^{(1)}\rangle-"
        r"\langle a,\operatorname{sign}g^{(2)}\rangle)$; for $e=1$ this is "
        r"$-2\operatorname{sign}(a)(\langle w,\operatorname{sign}v\rangle-|a|\operatorname{sign}\langle w,v\rangle)$. "
        r"It has no sign, and pathological neurons are healed in the limit of small steps: the obstruction is one of "
        r"gradient flow.",
        uses=("nurisso.eq9", "nurisso.sec8.adam"),
        evidence=[
            Derivation("the rate, a neuron that is healed, and one that gets worse", _signs),
        ],
    ),
    Claim(
        "beyond.nurisso.optimizers",
        Kind.EXPERIMENT,
        "Which optimizers lift an obstruction",
        Source("beyond", "on Section 8"),
        r"Networks with all $c_k=-0.1$ and all $a_k>0$, on the toy task and on the breast-cancer data. At the rate "
        r"$0.01$ no $c_k$ crosses zero by gradient descent, full batch or minibatch, with or without an $\ell_2$ or "
        r"$\ell_1$ penalty, and no run is lifted: its loss stays above what positive output weights allow. With "
        r"momentum $0.9$ or by Adam at the same rate $c_k$ does cross zero; at the rate $0.1$ most runs of Adam and "
        r"AdamW on the cancer data are lifted. By gradient descent no $c_k$ falls; under the $\ell_1$ penalty most do, "
        r"on the cancer data. No output weight changes sign while $c_k<0$ and $h|v_k|\le1$, unless there is momentum.",
        uses=(
            "beyond.nurisso.discrete-law",
            "beyond.nurisso.discrete-obstruction",
            "beyond.nurisso.weight-decay",
            "beyond.nurisso.momentum",
            "beyond.nurisso.l1",
            "beyond.nurisso.sign-descent",
            "nurisso.toy.inf",
        ),
    ),
)
