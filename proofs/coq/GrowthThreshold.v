(* How T(r, m) grows with m, and from which m on the global minima outnumber the critical subspaces
   (Simsek et al., section 4.3, eq. (6)): the bound of eq. (6) holds exactly from a threshold on. *)
From mathcomp Require Import all_ssreflect.
From Quadrics Require Import Surjections IteratedMultinomials SetPartitions MarkedPartitions.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

(* T(r, m + 1) >= (r + 1) T(r, m). *)
Theorem T_growth r m : r.+1 * T r m <= T r m.+1.
Proof. by rewrite T_recurrence -addnA addnCA leq_addr. Qed.

Theorem T_growth_mutant_false : ~ (forall r m, r.+2 * T r m <= T r m.+1).
Proof. by move=> /(_ 0 0); rewrite T_recurrence T_m0 T_small // T_m0. Qed.

(* Once T(r, m) reaches r^m it stays above. *)
Lemma threshold_persists r m n : m <= n -> r ^ m <= T r m -> r ^ n <= T r n.
Proof.
move=> /subnK <-; elim: (n - m) => // k IH /IH {}IH.
rewrite addSn expnS; apply: leq_trans (T_growth r (k + m)).
by apply: leq_mul.
Qed.

(* T(r, r + n) >= r! (r + 1)^n. *)
Theorem T_lower_bound r n : r`! * r.+1 ^ n <= T r (r + n).
Proof.
elim: n => [|n IH]; first by rewrite addn0 muln1 T_diagonal.
rewrite addnS expnS mulnCA; apply: leq_trans (T_growth r (r + n)).
by rewrite leq_mul2l IH orbT.
Qed.

Theorem T_lower_bound_mutant_false : ~ (forall r n, r`! * r.+2 ^ n <= T r (r + n)).
Proof. by move=> /(_ 0 1); rewrite T_recurrence T_m0 T_small // T_m0. Qed.

(* (1 + 1/r)^n >= 1 + n/r, without fractions. *)
Lemma bernoulli r n : r ^ n * (r + n) <= r * r.+1 ^ n.
Proof.
elim: n => [|n IH]; first by rewrite mul1n muln1 addn0.
rewrite !expnS mulnCA; apply: leq_trans (leq_mul (leqnn r.+1) IH).
rewrite addnS mulnS mulSn leq_add //; first by rewrite mulnC leq_mul2l leq_addr orbT.
by rewrite mulnA.
Qed.

(* For every r the threshold exists and is sharp: T(r, m) >= r^m exactly when m >= m_0. *)
Theorem sharp_threshold r : 0 < r ->
  exists m0, r <= m0 /\ forall m, (r ^ m <= T r m) = (m0 <= m).
Proof.
move=> r0; have reached : exists m, r ^ m <= T r m.
  exists (r + r ^ r.+1); apply: leq_trans (T_lower_bound r _).
  apply: (@leq_trans (r.+1 ^ (r ^ r.+1))); last by rewrite leq_pmull ?fact_gt0.
  rewrite -(leq_pmul2l r0); apply: leq_trans (bernoulli r _).
  by rewrite expnD mulnA -expnS mulnC leq_mul2l leq_addl orbT.
exists (ex_minn reached); case: ex_minnP => m0 m0P m0_min; split.
  rewrite leqNgt; apply/negP => m0r; move: m0P.
  by rewrite T_small // leqNgt expn_gt0 r0.
by move=> m; apply/idP/idP => [/m0_min|/threshold_persists]; last exact.
Qed.

(* At m = r the bound is not yet reached, if r >= 2. *)
Theorem sharp_threshold_mutant_false : ~ (forall r m, 0 < r -> r <= m -> r ^ m <= T r m).
Proof. by move=> /(_ 2 2 isT isT); rewrite T_diagonal. Qed.

Lemma sum_bin_G_levels r m : 0 < m -> \sum_(k < r) 'C(r, k) * G (r - k) m = r ^ m.
Proof.
move=> m0; rewrite -sum_bin_G [RHS](reindex_inj rev_ord_inj) /= big_ord_recr /=.
rewrite subnn G_0 (gtn_eqF m0) muln0 addn0; apply: eq_bigr => k _.
by rewrite subSS bin_sub // ltnW.
Qed.

(* Eq. (6) for a network of r + 1 neurons, both sides times T(r + 1, m) (r + 1)^m: with at most
   C(r, k) critical points of width r - k for k = 0, ..., r - 1, whatever their numbers a_k are, it
   holds exactly when T(r + 1, m) >= (r + 1)^m. *)
Theorem eq6_iff r m : 0 < r -> 0 < m ->
  (forall a : nat -> nat, (forall k, a k <= 'C(r, k)) ->
     r.+1 ^ m * (\sum_(k < r) a k * G (r - k) m) <= r ^ m * T r.+1 m)
  <-> r.+1 ^ m <= T r.+1 m.
Proof.
move=> r0 m0; split=> [H|H a aP].
  have := H (fun k => 'C(r, k)) (fun=> leqnn _).
  by rewrite sum_bin_G_levels // mulnC leq_pmul2l // expn_gt0 r0.
rewrite mulnC; apply: leq_mul => //; rewrite -sum_bin_G_levels //.
by apply: leq_sum => k _; rewrite leq_mul2r aP orbT.
Qed.

(* A lower threshold does not do. *)
Theorem eq6_iff_mutant_false :
  ~ (forall r m, 0 < r -> 0 < m ->
      (forall a : nat -> nat, (forall k, a k <= 'C(r, k)) ->
         r.+1 ^ m * (\sum_(k < r) a k * G (r - k) m) <= r ^ m * T r.+1 m)
      <-> r ^ m <= T r.+1 m).
Proof.
move=> /(_ 2 4 isT isT) H; have {}H := iff_trans (iff_sym H) (eq6_iff (r := 2) (m := 4) isT isT).
by move: H; rewrite !T_recurrence /= !T_m0 => -[/(_ isT)].
Qed.

(* As printed, for every larger width, the bound is false: 3 neurons expanded to 4. *)
Theorem eq6_printed_false :
  ~ (forall r m, 0 < r -> r.+1 < m -> forall a : nat -> nat, (forall k, a k <= 'C(r, k)) ->
     r.+1 ^ m * (\sum_(k < r) a k * G (r - k) m) <= r ^ m * T r.+1 m).
Proof.
move=> H; have := (eq6_iff (m := 4) (r := 2) isT isT).1 (H 2 4 isT isT).
by rewrite !T_recurrence /= !T_m0.
Qed.

(* Expanded to 5 neurons they satisfy it. *)
Theorem eq6_printed_mutant_false :
  ~ ~ (forall a : nat -> nat, (forall k, a k <= 'C(2, k)) ->
     3 ^ 5 * (\sum_(k < 2) a k * G (2 - k) 5) <= 2 ^ 5 * T 3 5).
Proof.
apply=> a aP; apply: (eq6_iff (m := 5) (r := 2) isT isT).2 a aP.
by rewrite !T_recurrence /= !T_m0.
Qed.

(* The printed proof needs r^m <= G(r, m) for large m; but not every map is onto ... *)
Lemma G_1 m : G 1 m.+1 = 1.
Proof. by elim: m => [|m IH]; rewrite G_recurrence ?IH ?G_m0 ?G_0. Qed.

Theorem eq6_proof_false : ~ (forall r, 1 < r -> exists m0, forall m, m0 <= m -> r ^ m <= G r m).
Proof.
move=> /(_ 2 isT)[m0 /(_ m0.+1 (leqnSn _))]; rewrite -sum_bin_G 3!big_ord_recl big_ord0 /= G_1 G_0.
rewrite -[X in X <= _]/(1 * G 2 m0.+1 + 0).+2 mul1n addn0.
by rewrite leqNgt ltnS leqnSn.
Qed.

(* ... and it is the blocks without a label, in T, that make the bound true. *)
Theorem eq6_proof_mutant_false : ~ ~ (forall r, 1 < r -> exists m0, forall m, m0 <= m -> r ^ m <= T r m).
Proof.
apply=> r /ltnW /sharp_threshold[m0 [_ m0P]]; exists m0 => m.
by rewrite m0P.
Qed.
