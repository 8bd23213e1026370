(* Proposition 4 of Nurisso et al.: a neuron with w, v <> 0 has exactly one positive rescaling (a w, v / a) in Q(c), for
   every c, and it is given by formula (23). A neuron with w = 0 has one exactly for c < 0, one with v = 0 exactly for
   c > 0, the zero neuron lies in Q(0) whatever the rescaling. A = |w|^2 and C = |v|^2 throughout. *)
Require Import Reals Lra Lia Psatz.
From Quadrics Require Import Quadric.
Open Scope R_scope.

(* Formula (23). *)
Definition alpha_star (A C c : R) : R := sqrt ((c + sqrt (c ^ 2 + 4 * A * C)) / (2 * A)).

Section Scalar.
Variables A C c : R.

Lemma imbalance_injective : 0 <= A -> 0 <= C -> 0 < A + C ->
  forall x y, 0 < x -> 0 < y ->
  A * x ^ 2 - C / x ^ 2 = A * y ^ 2 - C / y ^ 2 -> x = y.
Proof.
  intros HA HC HAC x y Hx Hy E.
  assert (E2 : (x - y) * ((x + y) * (A * x ^ 2 * y ^ 2 + C)) = 0).
  { apply (Rmult_eq_compat_r (x ^ 2 * y ^ 2)) in E.
    replace ((A * x ^ 2 - C / x ^ 2) * (x ^ 2 * y ^ 2)) with (A * x ^ 4 * y ^ 2 - C * y ^ 2) in E by (field; lra).
    replace ((A * y ^ 2 - C / y ^ 2) * (x ^ 2 * y ^ 2)) with (A * x ^ 2 * y ^ 4 - C * x ^ 2) in E by (field; lra).
    replace ((x - y) * ((x + y) * (A * x ^ 2 * y ^ 2 + C))) with
      ((A * x ^ 4 * y ^ 2 - C * y ^ 2) - (A * x ^ 2 * y ^ 4 - C * x ^ 2)) by ring.
    lra. }
  assert (P : 0 < (x + y) * (A * x ^ 2 * y ^ 2 + C)).
  { apply Rmult_lt_0_compat; [lra|].
    assert (0 < x ^ 2 * y ^ 2) by (apply Rmult_lt_0_compat; apply pow_lt; auto).
    destruct (Rle_lt_or_eq_dec _ _ HA); nra. }
  apply Rmult_integral in E2. destruct E2; lra.
Qed.

Theorem closed_form : 0 < A -> 0 < C ->
  0 < alpha_star A C c /\ A * alpha_star A C c ^ 2 - C / alpha_star A C c ^ 2 = c.
Proof.
  intros HA HC.
  set (D := sqrt (c ^ 2 + 4 * A * C)).
  assert (HAC : 0 < A * C) by nra.
  assert (HD2 : D ^ 2 = c ^ 2 + 4 * A * C).
  { unfold D. rewrite <- Rsqr_pow2. apply Rsqr_sqrt. nra. }
  assert (HD0 : 0 <= D) by apply sqrt_pos.
  assert (HcD : 0 < c + D) by nra.
  set (b := (c + D) / (2 * A)).
  assert (Hb : 0 < b) by (unfold b; apply Rdiv_lt_0_compat; lra).
  assert (Ha : alpha_star A C c = sqrt b) by reflexivity.
  rewrite Ha. split; [apply sqrt_lt_R0; auto|].
  replace (sqrt b ^ 2) with b by (symmetry; rewrite <- Rsqr_pow2; apply Rsqr_sqrt; lra).
  assert (Hq : A * b ^ 2 - c * b - C = 0).
  { unfold b.
    replace (A * ((c + D) / (2 * A)) ^ 2 - c * ((c + D) / (2 * A)) - C)
      with ((D ^ 2 - c ^ 2 - 4 * A * C) / (4 * A)) by (field; lra).
    rewrite HD2. field. lra. }
  apply (Rmult_eq_reg_r b); [|lra].
  replace ((A * b - C / b) * b) with (A * b ^ 2 - C) by (field; lra). lra.
Qed.

Theorem rescaling_unique : 0 < A -> 0 < C ->
  exists! a, 0 < a /\ A * a ^ 2 - C / a ^ 2 = c.
Proof.
  intros HA HC. exists (alpha_star A C c). split; [apply closed_form; auto|].
  intros y [Hy Ey]. destruct (closed_form HA HC) as [Hp Ep].
  apply imbalance_injective; lra.
Qed.

Theorem rescaling_without_input : A = 0 -> 0 < C ->
  ((exists a, 0 < a /\ A * a ^ 2 - C / a ^ 2 = c) <-> c < 0) /\
  (c < 0 -> (forall a, (0 < a /\ A * a ^ 2 - C / a ^ 2 = c) <-> a = sqrt C / sqrt (- c))).
Proof.
  intros HA HC.
  assert (Hex : c < 0 -> 0 < sqrt C / sqrt (- c) /\
            A * (sqrt C / sqrt (- c)) ^ 2 - C / (sqrt C / sqrt (- c)) ^ 2 = c).
  { intros Hc. assert (0 < sqrt C) by (apply sqrt_lt_R0; auto).
    assert (0 < sqrt (- c)) by (apply sqrt_lt_R0; lra).
    assert (E1 : sqrt C ^ 2 = C) by (rewrite <- Rsqr_pow2; apply Rsqr_sqrt; lra).
    assert (E2 : sqrt (- c) ^ 2 = - c) by (rewrite <- Rsqr_pow2; apply Rsqr_sqrt; lra).
    split; [apply Rdiv_lt_0_compat; auto|].
    replace ((sqrt C / sqrt (- c)) ^ 2) with (sqrt C ^ 2 / sqrt (- c) ^ 2) by (field; lra).
    rewrite E1, E2, HA. field. lra. }
  split; [split|].
  - intros [a [Ha E]]. assert (0 < C / a ^ 2) by (apply Rdiv_lt_0_compat; nra).
    rewrite HA in E. lra.
  - intros Hc. eexists. apply Hex; auto.
  - intros Hc a. destruct (Hex Hc) as [Hp Ep]. split.
    + intros [Ha E]. apply imbalance_injective; lra.
    + intros ->. auto.
Qed.

Theorem rescaling_without_output : 0 < A -> C = 0 ->
  ((exists a, 0 < a /\ A * a ^ 2 - C / a ^ 2 = c) <-> 0 < c) /\
  (0 < c -> (forall a, (0 < a /\ A * a ^ 2 - C / a ^ 2 = c) <-> a = sqrt c / sqrt A)).
Proof.
  intros HA HC.
  assert (Hex : 0 < c -> 0 < sqrt c / sqrt A /\
            A * (sqrt c / sqrt A) ^ 2 - C / (sqrt c / sqrt A) ^ 2 = c).
  { intros Hc. assert (0 < sqrt c) by (apply sqrt_lt_R0; auto).
    assert (0 < sqrt A) by (apply sqrt_lt_R0; lra).
    assert (E1 : sqrt c ^ 2 = c) by (rewrite <- Rsqr_pow2; apply Rsqr_sqrt; lra).
    assert (E2 : sqrt A ^ 2 = A) by (rewrite <- Rsqr_pow2; apply Rsqr_sqrt; lra).
    split; [apply Rdiv_lt_0_compat; auto|].
    replace ((sqrt c / sqrt A) ^ 2) with (sqrt c ^ 2 / sqrt A ^ 2) by (field; lra).
    rewrite E1, E2, HC. field. lra. }
  split; [split|].
  - intros [a [Ha E]]. rewrite HC in E. unfold Rdiv in E. assert (0 < a ^ 2) by nra. nra.
  - intros Hc. eexists. apply Hex; auto.
  - intros Hc a. destruct (Hex Hc) as [Hp Ep]. split.
    + intros [Ha E]. apply imbalance_injective; lra.
    + intros ->. auto.
Qed.

Theorem rescaling_of_zero : A = 0 -> C = 0 -> forall a, 0 < a -> (A * a ^ 2 - C / a ^ 2 = c <-> c = 0).
Proof. intros -> -> a Ha. unfold Rdiv. split; intros; lra. Qed.
End Scalar.

(* For vectors of any length: T_a (w, v) = (a w, v / a). *)
Definition scaled_in (a : R) (w : nat -> R) : nat -> R := fun i => a * w i.
Definition scaled_out (a : R) (v : nat -> R) : nat -> R := fun j => / a * v j.

Lemma qform_rescaled d e w v a : 0 < a ->
  qform d e (scaled_in a w) (scaled_out a v) = sqn d w * a ^ 2 - sqn e v / a ^ 2.
Proof.
  intros Ha. unfold qform, scaled_in, scaled_out. rewrite !sqn_scal. field. lra.
Qed.

Theorem proposition_4 d e w v c :
  (exists i, (i < d)%nat /\ w i <> 0) -> (exists j, (j < e)%nat /\ v j <> 0) ->
  exists! a, 0 < a /\ inQ d e c (scaled_in a w) (scaled_out a v).
Proof.
  intros Hw Hv. apply sqn_pos in Hw. apply sqn_pos in Hv.
  destruct (rescaling_unique _ _ c Hw Hv) as [a [[Ha E] U]].
  exists a. unfold inQ. split.
  - split; auto. rewrite qform_rescaled; auto.
  - intros b [Hb Eb]. apply U. split; auto. rewrite qform_rescaled in Eb; auto.
Qed.

(* The closed form is the only one: whatever positive number solves the equation is alpha_star. *)
Lemma alpha_star_unique A C c q : 0 < A -> 0 < C -> 0 < q -> A * q ^ 2 - C / q ^ 2 = c -> alpha_star A C c = q.
Proof.
  intros HA HC Hq E. destruct (closed_form A C c HA HC) as [P S].
  apply (imbalance_injective A C); lra.
Qed.

(** * Mutants *)
Theorem closed_form_mutant_false :
  ~ (forall A C c, 0 < A -> 0 < C ->
     let a := sqrt ((c + sqrt (c ^ 2 - 4 * A * C)) / (2 * A)) in 0 < a /\ A * a ^ 2 - C / a ^ 2 = c).
Proof.
  intros H. destruct (H 1 1 2 ltac:(lra) ltac:(lra)) as [_ E].
  replace (2 ^ 2 - 4 * 1 * 1) with 0 in E by ring. rewrite sqrt_0 in E.
  replace ((2 + 0) / (2 * 1)) with 1 in E by field. rewrite sqrt_1 in E. lra.
Qed.

Theorem rescaling_unique_mutant_false :
  ~ (forall A C c, 0 <= A -> 0 < C -> exists! a, 0 < a /\ A * a ^ 2 - C / a ^ 2 = c).
Proof.
  intros H. destruct (H 0 1 0 ltac:(lra) ltac:(lra)) as [a [[P E] _]].
  assert (0 < 1 / a ^ 2) by (apply Rdiv_lt_0_compat; nra). lra.
Qed.

Theorem rescaling_without_input_mutant_false :
  ~ (forall A C c, A = 0 -> 0 < C -> ((exists a, 0 < a /\ A * a ^ 2 - C / a ^ 2 = c) <-> c <= 0)).
Proof.
  intros H. destruct (proj2 (H 0 1 0 eq_refl ltac:(lra)) ltac:(lra)) as [a [P E]].
  assert (0 < 1 / a ^ 2) by (apply Rdiv_lt_0_compat; nra). lra.
Qed.

Theorem rescaling_without_output_mutant_false :
  ~ (forall A C c, 0 < A -> C = 0 -> ((exists a, 0 < a /\ A * a ^ 2 - C / a ^ 2 = c) <-> 0 <= c)).
Proof.
  intros H. destruct (proj2 (H 1 0 0 ltac:(lra) eq_refl) ltac:(lra)) as [a [P E]].
  unfold Rdiv in E. nra.
Qed.

Theorem rescaling_of_zero_mutant_false :
  ~ (forall A C, A = 0 -> C = 0 -> exists! a, 0 < a /\ A * a ^ 2 - C / a ^ 2 = 0).
Proof.
  intros H. destruct (H 0 0 eq_refl eq_refl) as [a [_ U]].
  assert (a = 1) by (apply U; lra). assert (a = 2) by (apply U; lra). lra.
Qed.

Theorem proposition_4_mutant_false :
  ~ (forall d e w v c, (exists i, (i < d)%nat /\ w i <> 0) -> exists! a, 0 < a /\ inQ d e c (scaled_in a w) (scaled_out a v)).
Proof.
  intros H. destruct (H 1%nat 1%nat (fun _ => 1) (fun _ => 0) 0) as [a [[P E] _]].
  - exists 0%nat. split; [lia|lra].
  - unfold inQ, qform, sqn, scaled_in, scaled_out in E. cbn [sumn] in E. nra.
Qed.
