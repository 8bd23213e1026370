(* Proposition 4.5 of Simsek et al. as a whole, for every r and m: all forms of the numbers G(r, m) and
   T(r, m), which are defined as counts of maps and of marked set partitions. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Quadrics Require Import Surjections IteratedMultinomials SetPartitions MarkedPartitions BellDecomposition.
From Quadrics Require Import ForwardDifferences GeneratingFunctions.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.

(* Iterated multinomials, inclusion-exclusion, Stirling numbers, differences, generating function, recurrence. *)
Theorem proposition_4_5_G r m :
  [/\ Gs r m = G r m,
      ((G r m)%:R = \sum_(i < r.+1) ((-1) ^+ (r - i) * (i ^ m)%:R) *+ 'C(r, i) :> int)%R,
      G r m = r`! * Stirling m r &
      ((G r m)%:R = iter r difference (fun x => (x ^ m)%:R) 0%N :> int)%R] /\
  (forall n, m <= n -> ((exp_minus_1 n ^+ r)`_m = (G r m)%:R / m`!%:R)%R) /\
  G r m.+1 = r * (G r m + G r.-1 m).
Proof.
split; first split; [exact: Gs_surjections|exact: G_inclusion_exclusion|exact: G_Stirling|exact: G_difference|].
split; first by move=> n; exact: G_generating_function.
by case: r => [|r]; rewrite ?G_recurrence // mul0n G_0.
Qed.

(* G(r - 2, m) in place of G(r - 1, m) in the recurrence. *)
Theorem proposition_4_5_G_mutant_false : ~ (forall r m, G r m.+1 = r * (G r m + G r.-2 m)).
Proof. by move=> /(_ 2 1); rewrite !G_recurrence !G_0 !G_m0. Qed.

Lemma T_Bell_range r m : r <= m ->
  T r m = G r m + \sum_(u < m - r) 'C(m, u.+1) * G r (m - u.+1) * Bell u.+1.
Proof.
move=> rm; rewrite T_Bell_split; congr (_ + _).
rewrite [RHS](big_ord_widen m (fun u => 'C(m, u.+1) * G r (m - u.+1) * Bell u.+1)) ?leq_subr //.
rewrite [RHS]big_mkcond; apply: eq_bigr => u _; case: ltnP => // mru.
by rewrite G_small ?muln0 // ltn_subLR ?ltn_ord // addSn ltnS addnC -leq_subLR.
Qed.

(* By Bell numbers, Stirling numbers, Touchard's polynomial, generating function, recurrence. *)
Theorem proposition_4_5_T r m : r <= m ->
  [/\ T r m = G r m + \sum_(u < m - r) 'C(m, u.+1) * G r (m - u.+1) * Bell u.+1,
      forall u, Bell u = \sum_(k < u.+1) Stirling u k,
      T r m = \sum_(k < m.+1) Stirling m k * k ^_ r &
      ((Touchard m)^`(r).[1] = (T r m)%:R)%R] /\
  (forall n, m <= n -> ((exp_minus_1 n ^+ r * exp_exp n)`_m = (T r m)%:R / m`!%:R)%R) /\
  T r m.+1 = r * T r.-1 m + r.+1 * T r m + T r.+1 m.
Proof.
move=> rm; split; first split; [exact: T_Bell_range|exact: Bell_Stirling|exact: T_Stirling|exact: T_Touchard|].
by split; [move=> n; exact: T_generating_function|exact: T_recurrence].
Qed.

(* The sum by Bell numbers must reach u = m - r. *)
Theorem proposition_4_5_T_mutant_false : ~ (forall r m, r <= m ->
  T r m = G r m + \sum_(u < (m - r).-1) 'C(m, u.+1) * G r (m - u.+1) * Bell u.+1).
Proof.
by move=> /(_ 0 1 isT); rewrite big_ord0 G_0 T_recurrence !T_m0.
Qed.
