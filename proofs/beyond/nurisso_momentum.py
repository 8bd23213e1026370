"""Beyond section 8: the exact law of momentum, its flow, and how much faster it drifts than gradient descent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from quadrics.conservation import gradient
from quadrics.discretization import gradient_step
from quadrics.forms import form, imbalance
from quadrics.network import Parameters, TwoLayer
from quadrics.optimizer_laws import momentum_amplification, momentum_imbalance, step_imbalance

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope, decided
from ..rules import substitute
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
)
