(* The generating functions of G and T (Simsek et al., Proposition 4.5; appendix, eqs. (6) to (10), (13)):
   sum_m G(r, m) x^m / m! = (e^x - 1)^r and sum_m T(r, m) x^m / m! = (e^x - 1)^r e^(e^x - 1).  Power
   series are polynomials up to a degree n: the coefficients up to x^n are compared, for every n.  And T as
   a derivative of Touchard's polynomial. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Quadrics Require Import Surjections IteratedMultinomials SetPartitions MarkedPartitions.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* e^x - 1 up to x^n. *)
Definition exp_minus_1 n : {poly rat} := \poly_(k < n.+1) ((k != 0%N)%:R / k`!%:R).

Lemma fact_neq0 k : k`!%:R != 0 :> rat.
Proof. by rewrite pnatr_eq0 -lt0n fact_gt0. Qed.

Lemma bin_inv_fact m k : (k <= m)%N -> 'C(m, k)%:R / m`!%:R = 1 / (k`!%:R * (m - k)`!%:R) :> rat.
Proof.
move=> km; apply/eqP; rewrite eqr_div ?mulf_neq0 ?fact_neq0 // mul1r -!natrM eqr_nat.
by rewrite bin_fact.
Qed.

Theorem G_generating_function n r m : (m <= n)%N -> (exp_minus_1 n ^+ r)`_m = (G r m)%:R / m`!%:R.
Proof.
elim: r m => [|r IH] m mn.
  by rewrite expr0 coef1 G_0; case: m mn => [|m] _; rewrite ?mul0r // divr1.
rewrite exprS coefM big_ord_recl {1}coef_poly /= mulr0n !mul0r add0r.
rewrite -[in RHS]Gs_surjections /= natr_sum mulr_suml; apply: eq_bigr => k _.
have km : (k.+1 <= m)%N by [].
rewrite /bump leq0n add1n IH ?(leq_trans (leq_subr _ _)) // coef_poly ltnS (leq_trans km mn) /= mul1r.
rewrite natrM mulrAC bin_inv_fact // Gs_surjections div1r invfM.
by rewrite [RHS]mulrC mulrCA mulrC -mulrA.
Qed.

(* Without the subtracted 1 the powers are wrong. *)
Theorem G_generating_function_mutant_false :
  ~ (forall n r m, (m <= n)%N -> ((1 + exp_minus_1 n) ^+ r)`_m = (G r m)%:R / m`!%:R).
Proof.
by move=> /(_ 0%N 1%N 0%N isT); rewrite expr1 coefD coef1 coef_poly G_m0 /= mulr0n !mul0r addr0 => /eqP.
Qed.

(* e^(e^x - 1) up to x^n: powers beyond the n-th start at x^(n + 1). *)
Definition exp_exp n : {poly rat} := \sum_(j < n.+1) (j`!%:R)^-1 *: exp_minus_1 n ^+ j.

Lemma T_shifted n r m : (m <= n)%N ->
  T r m = (\sum_(j < n.+1) Stirling m (r + j) * (r + j) ^_ r)%N.
Proof.
move=> mn; rewrite T_Stirling (big_ord_widen (r + n.+1) (fun k => Stirling m k * k ^_ r)%N); last first.
  by rewrite addnS ltnS (leq_trans mn) ?leq_addl.
rewrite big_mkcond big_split_ord /= big1 ?add0n; last first.
  by move=> k _; rewrite ffact_small ?muln0 ?if_same.
apply: eq_bigr => j _; case: ltnP => // mk.
by rewrite Stirling_small.
Qed.

Theorem T_generating_function n r m : (m <= n)%N ->
  (exp_minus_1 n ^+ r * exp_exp n)`_m = (T r m)%:R / m`!%:R.
Proof.
move=> mn; rewrite /exp_exp mulr_sumr coef_sum.
under eq_bigr => j _ do rewrite -scalerAr -exprD coefZ G_generating_function // G_Stirling.
rewrite (T_shifted r mn) natr_sum mulr_suml; apply: eq_bigr => j _.
rewrite -(ffact_fact (leq_addr j r)) addKn mulrA; congr (_ / _).
by rewrite mulnAC mulnC natrM mulKf ?fact_neq0 // mulnC.
Qed.

(* The factor e^(e^x - 1), for the blocks without a label, cannot be dropped. *)
Theorem T_generating_function_mutant_false :
  ~ (forall n r m, (m <= n)%N -> (exp_minus_1 n ^+ r)`_m = (T r m)%:R / m`!%:R).
Proof.
by move=> /(_ 1%N 0%N 1%N isT); rewrite expr0 coef1 T_recurrence T_m0 T_small // T_m0 /=.
Qed.

(* T(r, m) is the r-th derivative at 1 of Touchard's polynomial sum_k S(m, k) y^k. *)
Definition Touchard m : {poly int} := \poly_(k < m.+1) (Stirling m k)%:R.

Theorem T_Touchard r m : (Touchard m)^`(r).[1] = (T r m)%:R.
Proof.
rewrite /Touchard poly_def linear_sum /= horner_sum T_Stirling natr_sum; apply: eq_bigr => k _.
rewrite derivnZ derivnXn hornerZ hornerMn hornerXn expr1n natrM.
by rewrite mulr_natr.
Qed.

Theorem T_Touchard_mutant_false : ~ (forall r m, (Touchard m)^`(r).[0] = (T r m)%:R).
Proof.
move=> /(_ 0%N 1%N); rewrite T_recurrence !T_m0 derivn0 /Touchard.
by rewrite horner_coef0 coef_poly Stirling_0.
Qed.
