(* One step of size h. Gradient descent changes the imbalance by h^2 (|gw|^2 - |ga|^2), exactly; with one output a step
   with h |v| <= 1 keeps the sign of a pathological neuron's output weight. The hyperbolic step, the flow under a frozen
   gradient, keeps the imbalance and the sheet for every step size. *)
Require Import Reals Lra Lia Psatz.
From Quadrics Require Import Quadric Continuity Sheets GradientFlow.
Open Scope R_scope.

Definition step (h : R) (w g : nat -> R) : nat -> R := fun i => w i - h * g i.

Lemma sqn_step d h w g : sqn d (step h w g) = sqn d w - 2 * h * dot d w g + h ^ 2 * sqn d g.
Proof.
  rewrite (sqn_ext d _ (fun i => 1 * w i + - h * g i)) by (intros; unfold step; ring).
  rewrite sqn_combination. ring.
Qed.

(* The exact law, for any gradient that satisfies equation 9. *)
Theorem discrete_law d e h w a gw ga : dot d w gw = dot e a ga ->
  qform d e (step h w gw) (step h a ga) = qform d e w a + h ^ 2 * (sqn d gw - sqn e ga).
Proof. intros O. unfold qform. rewrite !sqn_step, O. ring. Qed.

(* One output, gw = a v and ga = <v, w>: the imbalance shrinks by 1 - h^2 |v|^2 and gains a term that is never negative. *)
Theorem discrete_law_one_output d h w a v :
  sqn d (fun i => w i - h * (a * v i)) - (a - h * dot d v w) ^ 2 =
    (1 - h ^ 2 * sqn d v) * (sqn d w - a ^ 2) + h ^ 2 * (sqn d w * sqn d v - dot d w v ^ 2) /\
  0 <= sqn d w * sqn d v - dot d w v ^ 2.
Proof.
  assert (S : dot d v w = dot d w v) by (apply sumn_ext; intros; ring).
  split; [|pose proof (cauchy_schwarz d w v); lra].
  rewrite (sqn_ext d _ (fun i => 1 * w i + - (h * a) * v i)) by (intros; ring).
  rewrite sqn_combination, S. ring.
Qed.

(* So c <= 0 never decreases, and c >= 0 stays so while h |v| <= 1. *)
Theorem discrete_law_signs d h w a v :
  let c := sqn d w - a ^ 2 in
  let c' := sqn d (fun i => w i - h * (a * v i)) - (a - h * dot d v w) ^ 2 in
  (c <= 0 -> c <= c') /\ (0 <= c -> h ^ 2 * sqn d v <= 1 -> 0 <= c').
Proof.
  cbv zeta. destruct (discrete_law_one_output d h w a v) as [E P]. rewrite E.
  set (c := sqn d w - a ^ 2). set (L := sqn d w * sqn d v - dot d w v ^ 2) in *.
  pose proof (sqn_nonneg d v). pose proof (pow2_ge_0 h).
  assert (0 <= h ^ 2 * L) by (apply Rmult_le_pos; auto).
  assert (0 <= h ^ 2 * sqn d v) by (apply Rmult_le_pos; auto).
  split; intros; nra.
Qed.

(* A step with h |v| <= 1 keeps the sign of a pathological neuron's output weight. *)
Theorem discrete_obstruction d h w a v :
  sqn d w < a ^ 2 -> h ^ 2 * sqn d v <= 1 -> 0 < a * (a - h * dot d v w).
Proof.
  intros Hc Hh. pose proof (cauchy_schwarz d v w) as CS. pose proof (sqn_nonneg d w) as W.
  pose proof (pow2_ge_0 h) as H2.
  assert (B : (h * dot d v w) ^ 2 < a ^ 2).
  { apply Rle_lt_trans with (sqn d w); auto. rewrite Rpow_mult_distr.
    apply Rle_trans with (h ^ 2 * (sqn d v * sqn d w)); [apply Rmult_le_compat_l; auto|].
    rewrite <- Rmult_assoc. rewrite <- (Rmult_1_l (sqn d w)) at 2. apply Rmult_le_compat_r; auto. }
  set (p := h * dot d v w) in *. nra.
Qed.

(** * The hyperbolic step along the unit vector u *)
Definition hyperbolic_in (d : nat) (tau : R) (u w : nat -> R) (a : R) : nat -> R :=
  fun i => w i + ((cosh tau - 1) * dot d w u - sinh tau * a) * u i.
Definition hyperbolic_out (d : nat) (tau : R) (u w : nat -> R) (a : R) : R := cosh tau * a - sinh tau * dot d w u.

Lemma cosh_sinh t : cosh t ^ 2 - sinh t ^ 2 = 1.
Proof.
  unfold cosh, sinh. replace (((exp t + exp (- t)) / 2) ^ 2 - ((exp t - exp (- t)) / 2) ^ 2) with (exp t * exp (- t)) by field.
  rewrite <- exp_plus, Rplus_opp_r. apply exp_0.
Qed.
Lemma sinh_1_pos : 0 < sinh 1.
Proof. unfold sinh. assert (exp (- (1)) < exp 1) by (apply exp_increasing; lra). lra. Qed.
Lemma cosh_pos t : 0 < cosh t.
Proof. unfold cosh. pose proof (exp_pos t). pose proof (exp_pos (- t)). lra. Qed.

Lemma hyperbolic_in_dot d tau u w a : sqn d u = 1 ->
  dot d (hyperbolic_in d tau u w a) u = cosh tau * dot d w u - sinh tau * a.
Proof.
  intros U. unfold hyperbolic_in. set (k := (cosh tau - 1) * dot d w u - sinh tau * a).
  assert (E : dot d (fun i => w i + k * u i) u = dot d w u + k * sqn d u).
  { rewrite <- dot_self. unfold dot. rewrite <- sumn_scal, <- sumn_plus. apply sumn_ext. intros; ring. }
  rewrite E, U. unfold k. ring.
Qed.

(* It is the flow w' = -a u, a' = -<u, w> with u held fixed. *)
Theorem hyperbolic_step_solves d u w a : sqn d u = 1 -> forall tau,
  (forall i, derivable_pt_lim (fun t => hyperbolic_in d t u w a i) tau (- (hyperbolic_out d tau u w a * u i))) /\
  derivable_pt_lim (fun t => hyperbolic_out d t u w a) tau (- dot d (hyperbolic_in d tau u w a) u) /\
  (forall i, hyperbolic_in d 0 u w a i = w i) /\ hyperbolic_out d 0 u w a = a.
Proof.
  intros U tau.
  assert (DC : derivable_pt_lim cosh tau (sinh tau)) by apply derivable_pt_lim_cosh.
  assert (DS : derivable_pt_lim sinh tau (cosh tau)) by apply derivable_pt_lim_sinh.
  assert (L : forall p q, derivable_pt_lim (fun t => p * cosh t - q * sinh t) tau (p * sinh tau - q * cosh tau)).
  { intros p q. apply (derivable_pt_lim_minus (fun t => p * cosh t) (fun t => q * sinh t));
      apply derivable_pt_lim_scal; auto. }
  repeat split.
  - intros i. unfold hyperbolic_in, hyperbolic_out.
    apply dpl_ext with (fun t => (w i - dot d w u * u i) + (dot d w u * u i * cosh t - a * u i * sinh t)); [intros; ring|].
    replace (- ((cosh tau * a - sinh tau * dot d w u) * u i)) with (0 + (dot d w u * u i * sinh tau - a * u i * cosh tau)) by ring.
    apply (derivable_pt_lim_plus (fun _ => w i - dot d w u * u i) (fun t => dot d w u * u i * cosh t - a * u i * sinh t));
      [apply derivable_pt_lim_const|apply L].
  - rewrite hyperbolic_in_dot by auto. unfold hyperbolic_out.
    apply dpl_ext with (fun t => a * cosh t - dot d w u * sinh t); [intros; ring|].
    replace (- (cosh tau * dot d w u - sinh tau * a)) with (a * sinh tau - dot d w u * cosh tau) by ring. apply L.
  - intros i. unfold hyperbolic_in. rewrite cosh_0, sinh_0. ring.
  - unfold hyperbolic_out. rewrite cosh_0, sinh_0. ring.
Qed.

(* The imbalance is kept for every step size... *)
Theorem hyperbolic_step_conserves d tau u w a : sqn d u = 1 ->
  sqn d (hyperbolic_in d tau u w a) - hyperbolic_out d tau u w a ^ 2 = sqn d w - a ^ 2.
Proof.
  intros U. unfold hyperbolic_in, hyperbolic_out. pose proof (cosh_sinh tau) as CS.
  set (k := (cosh tau - 1) * dot d w u - sinh tau * a).
  rewrite (sqn_ext d _ (fun i => 1 * w i + k * u i)) by (intros; ring).
  rewrite sqn_combination, U. unfold k. set (p := dot d w u). revert CS.
  generalize (cosh tau) (sinh tau). intros C S CS.
  replace (1 ^ 2 * sqn d w + 2 * 1 * ((C - 1) * p - S * a) * p + ((C - 1) * p - S * a) ^ 2 * 1 - (C * a - S * p) ^ 2)
    with (sqn d w - a ^ 2 + (C ^ 2 - S ^ 2 - 1) * (p ^ 2 - a ^ 2)) by ring.
  rewrite CS. ring.
Qed.

(* ... and so is the sheet, where there are two. *)
Theorem hyperbolic_step_keeps_sheet d tau u w a : sqn d u = 1 -> sqn d w < a ^ 2 ->
  0 < a * hyperbolic_out d tau u w a.
Proof.
  intros U Hc. unfold hyperbolic_out. pose proof (cosh_sinh tau) as CS. pose proof (cosh_pos tau) as CP.
  pose proof (cauchy_schwarz d w u) as B. rewrite U, Rmult_1_r in B.
  set (p := dot d w u) in *. revert CS CP. generalize (cosh tau) (sinh tau). intros C S CS CP.
  destruct (Rlt_le_dec 0 (a * (C * a - S * p))) as [|L]; auto. exfalso.
  assert (P2 : p ^ 2 < a ^ 2) by lra.
  assert (A : 0 < a ^ 2) by (pose proof (pow2_ge_0 p); lra).
  assert (X : 0 <= C * a ^ 2 <= a * (S * p)) by (split; nra).
  assert (Y : (C * a ^ 2) ^ 2 <= (a * (S * p)) ^ 2) by (apply pow_incr; auto).
  replace ((C * a ^ 2) ^ 2) with (a ^ 2 * (C ^ 2 * a ^ 2)) in Y by ring.
  replace ((a * (S * p)) ^ 2) with (a ^ 2 * (S ^ 2 * p ^ 2)) in Y by ring.
  apply Rmult_le_reg_l in Y; auto. pose proof (pow2_ge_0 S). nra.
Qed.

(** * Mutants *)
(* The roles of the two gradients exchanged. *)
Theorem discrete_law_mutant_false :
  ~ (forall d e h w a gw ga, dot d w gw = dot e a ga ->
     qform d e (step h w gw) (step h a ga) = qform d e w a + h ^ 2 * (sqn e ga - sqn d gw)).
Proof.
  intros H. specialize (H 1%nat 0%nat 1 (fun _ => 0) (fun _ => 0) (fun _ => 1) (fun _ => 0)).
  unfold dot, qform, sqn, step in H. cbn [sumn] in H. specialize (H ltac:(ring)). lra.
Qed.

(* To first order only: without the square of the step. *)
Theorem discrete_law_one_output_mutant_false :
  ~ (forall d h w a v, sqn d (fun i => w i - h * (a * v i)) - (a - h * dot d v w) ^ 2 = sqn d w - a ^ 2).
Proof.
  intros H. specialize (H 1%nat 1 (fun _ => 0) 1 (fun _ => 1)). unfold sqn, dot in H. cbn [sumn] in H. lra.
Qed.

(* c >= 0 without a bound on the step. *)
Theorem discrete_law_signs_mutant_false :
  ~ (forall d h w a v, 0 <= sqn d w - a ^ 2 -> 0 <= sqn d (fun i => w i - h * (a * v i)) - (a - h * dot d v w) ^ 2).
Proof.
  intros H. specialize (H 1%nat 2 (fun _ => 1) 0 (fun _ => 1)). unfold sqn, dot in H. cbn [sumn] in H.
  specialize (H ltac:(lra)). lra.
Qed.

(* h |v| < 1 + 1/10. *)
Theorem discrete_obstruction_mutant_false :
  ~ (forall d h w a v, sqn d w < a ^ 2 -> h ^ 2 * sqn d v <= (1 + 1 / 10) ^ 2 -> 0 < a * (a - h * dot d v w)).
Proof.
  intros H. specialize (H 1%nat (11 / 10) (fun _ => 10 / 11) 1 (fun _ => 1)). unfold sqn, dot in H. cbn [sumn] in H.
  specialize (H ltac:(lra) ltac:(lra)). lra.
Qed.

(* Another first point. *)
Theorem hyperbolic_step_solves_mutant_false :
  ~ (forall d u w a, sqn d u = 1 -> forall tau, hyperbolic_out d tau u w a = a).
Proof.
  intros H. specialize (H 1%nat (fun _ => 1) (fun _ => 0) 1). unfold sqn in H. cbn [sumn] in H.
  specialize (H ltac:(ring) 1). unfold hyperbolic_out, dot in H. cbn [sumn] in H.
  pose proof (cosh_sinh 1) as E. replace (cosh 1) with 1 in E by lra.
  pose proof sinh_1_pos as S.
  nra.
Qed.

(* A direction that is not of length 1. *)
Theorem hyperbolic_step_conserves_mutant_false :
  ~ (forall d tau u w a, sqn d (hyperbolic_in d tau u w a) - hyperbolic_out d tau u w a ^ 2 = sqn d w - a ^ 2).
Proof.
  intros H. specialize (H 0%nat 1 (fun _ => 0) (fun _ => 0) 1).
  unfold hyperbolic_in, hyperbolic_out, sqn, dot in H. cbn [sumn] in H.
  pose proof (cosh_sinh 1) as E.
  pose proof sinh_1_pos as S.
  nra.
Qed.

(* Where there is one sheet only, c >= 0. *)
Theorem hyperbolic_step_keeps_sheet_mutant_false :
  ~ (forall d tau u w a, sqn d u = 1 -> a <> 0 -> 0 < a * hyperbolic_out d tau u w a).
Proof.
  intros H.
  pose proof sinh_1_pos as S.
  specialize (H 1%nat 1 (fun _ => 1) (fun _ => cosh 1 / sinh 1) 1). unfold hyperbolic_out, sqn, dot in H. cbn [sumn] in H.
  specialize (H ltac:(ring) ltac:(lra)).
  replace (1 * (cosh 1 * 1 - sinh 1 * (0 + cosh 1 / sinh 1 * 1))) with 0 in H by (field; lra). lra.
Qed.
