(* G(r, m) as it is defined for the expansion of a network (Simsek et al., Proposition 4.5; appendix,
   eq. (3)): multinomial coefficients summed over the sizes k_1, ..., k_r >= 1 of r groups of new
   neurons, one group after the other.  It is the number of surjections, and obeys a recurrence. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Quadrics Require Import Surjections.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Close Scope ring_scope.

(* sum_{k_1 >= 1} C(m, k_1) sum_{k_2 >= 1} C(m - k_1, k_2) ... , with k = k_1 - 1 in the code. *)
Fixpoint Gs (r m : nat) : nat :=
  if r is r'.+1 then \sum_(k < m) 'C(m, k.+1) * Gs r' (m - k.+1) else (m == 0%N).

Local Open Scope ring_scope.

(* The alternating sum of inclusion-exclusion. *)
Definition alt r m : int := \sum_(i < r.+1) ((-1) ^+ (r - i) * (i ^ m)%:R) *+ 'C(r, i).

(* Summing over the number k of new neurons in one more group shifts the base by one. *)
Lemma alt_shift r m :
  \sum_(k < m.+1) alt r (m - k) *+ 'C(m, k) =
  \sum_(i < r.+1) ((-1) ^+ (r - i) * (i.+1 ^ m)%:R) *+ 'C(r, i) :> int.
Proof.
rewrite /alt; under eq_bigr => k _ do rewrite -sumrMnl.
rewrite exchange_big /=; apply: eq_bigr => i _.
under eq_bigr => k _ do rewrite mulrnAC.
rewrite sumrMnl; congr (_ *+ _).
under eq_bigr => k _ do rewrite -mulrnAr.
rewrite -mulr_sumr; congr (_ * _).
rewrite -(addn1 i) expnDn natr_sum; apply: eq_bigr => k _.
by rewrite exp1n muln1 mulnC natrM mulr_natr.
Qed.

Lemma alt_pascal r m :
  alt r.+1 m = \sum_(i < r.+1) ((-1) ^+ (r - i) * (i.+1 ^ m)%:R) *+ 'C(r, i) - alt r m.
Proof.
rewrite /alt big_ord_recl subn0 bin0 mulr1n /=.
under eq_bigr => i _ do rewrite /bump leq0n add1n subSS binS mulrnDr.
rewrite big_split /= addrA addrC; congr (_ + _).
rewrite big_ord_recr /= (@bin_small r r.+1) // mulr0n addr0.
rewrite [in RHS]big_ord_recl subn0 bin0 mulr1n opprD.
rewrite exprS mulN1r mulNr; congr (_ + _).
rewrite -sumrN; apply: eq_bigr => i _.
by rewrite lift0 -subnSK // exprS mulN1r mulNr mulNrn.
Qed.

(* The iterated sum by inclusion-exclusion. *)
Lemma Gs_alt r m : (Gs r m)%:R = alt r m.
Proof.
elim: r m => [|r IH] m.
  rewrite /alt big_ord1 /= expr0 mul1r mulr1n.
  by case: m => [|m] //=; rewrite exp0n.
rewrite alt_pascal -alt_shift big_ord_recl subn0 bin0 mulr1n [alt r m + _]addrC addrK.
rewrite /= natr_sum; apply: eq_bigr => k _.
by rewrite natrM IH mulrC mulr_natr.
Qed.

(* The two definitions of G agree: multinomials summed over all sizes count the maps onto. *)
Theorem Gs_surjections r m : Gs r m = G r m.
Proof.
have := Gs_alt r m; rewrite /alt -G_inclusion_exclusion => /eqP.
by rewrite Num.Theory.eqr_nat => /eqP.
Qed.

(* Groups of size 0 are not allowed: if they were, all maps would be counted. *)
Theorem Gs_surjections_mutant_false :
  ~ (forall m, (\sum_(k < m.+1) 'C(m, k) * Gs 1 (m - k))%N = G 2 m).
Proof.
move=> /(_ 1%N); rewrite -Gs_surjections 2!big_ord_recl big_ord0 /=.
by rewrite !big_ord_recl !big_ord0.
Qed.

(* G(r, m + 1) = r (G(r, m) + G(r - 1, m)): the last new neuron joins a group or founds one. *)
Theorem G_recurrence r m : G r.+1 m.+1 = (r.+1 * (G r.+1 m + G r m))%N.
Proof.
apply/eqP; rewrite -(@Num.Theory.eqr_nat int_numDomainType); apply/eqP.
rewrite natrM natrD !G_inclusion_exclusion -!/(alt _ _) (alt_pascal r m) subrK.
rewrite /alt big_ord_recl exp0n // mulr0 mul0rn add0r mulr_sumr; apply: eq_bigr => i _.
rewrite lift0 subSS expnS natrM mulrCA !mulr_natl -!mulrnA; congr (_ *+ _).
by rewrite -(mul_bin_diag r.+1 i) mulnC.
Qed.

(* The recurrence with the factor r - 1 for r is false. *)
Theorem G_recurrence_mutant_false : ~ (forall r m, G r.+1 m.+1 = (r * (G r.+1 m + G r m))%N).
Proof. by move=> /(_ 0%N 0%N); rewrite -!Gs_surjections /= big_ord1. Qed.

Lemma G_0 m : G 0 m = (m == 0%N).
Proof. by rewrite -Gs_surjections. Qed.

Lemma G_m0 r : G r 0 = (r == 0%N).
Proof. by rewrite -Gs_surjections; case: r => //= r; rewrite big_ord0. Qed.

(* Fewer new neurons than old ones: no map is onto. *)
Lemma G_small r m : (m < r)%N -> G r m = 0%N.
Proof.
elim: m r => [|m IH] [|r] // mr; first by rewrite G_m0.
by rewrite G_recurrence (IH r) ?(IH r.+1) ?muln0 // ltnW.
Qed.

(* As many new neurons as old ones: G(r, r) = r!. *)
Theorem G_diagonal r : G r r = r`!.
Proof. by elim: r => [|r IH]; rewrite ?G_0 // G_recurrence G_small // add0n IH factS. Qed.

Theorem G_diagonal_mutant_false : ~ (forall r, G r r.+1 = r.+1`!).
Proof. by move=> /(_ 0%N); rewrite G_0. Qed.
