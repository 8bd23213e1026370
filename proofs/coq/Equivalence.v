(* Layers of l neurons with one output: the invariant set H(c), its components C_S, and equivalence by rescaling and
   permutation; what an equivalence keeps. Definitions for Theorem 2 of Nurisso et al. and what follows from it. *)
Require Import Reals Lra Psatz.
From Quadrics Require Import Quadric Rescaling.
From mathcomp Require Import all_ssreflect fingroup perm.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Definition negb_R (x : R) : bool := if Rlt_dec x 0 then true else false.
Lemma negRP x : reflect (Rlt x 0) (negb_R x).
Proof. by rewrite /negb_R; case: Rlt_dec => H; constructor. Qed.

Section Equivalence.
Variables (l d : nat) (c : 'I_l -> R).
Hypothesis d1 : (0 < d)%N.
Local Open Scope R_scope.

Record theta := Theta { W : 'I_l -> nat -> R; a : 'I_l -> R }.

(* The invariant set H(c), one output. *)
Definition inH (t : theta) : Prop := forall k, inQ d 1 (c k) (W t k) (fun=> a t k).
(* The pathological neurons. *)
Definition K : {set 'I_l} := [set k | negb_R (c k)].
(* theta lies in the component C_S: S are the pathological neurons with negative output weight (Proposition 3). *)
Definition inC (S : {set 'I_l}) (t : theta) : Prop :=
  inH t /\ forall k, k \in K -> (k \in S) = negb_R (a t k).
(* theta' is a permutation and rescaling of theta. *)
Definition rp (t t' : theta) : Prop :=
  exists (p : {perm 'I_l}) (al : 'I_l -> R), (forall k, 0 < al k) /\
   forall k, (forall i, (i < d)%coq_nat -> W t' k i = al (p k) * W t (p k) i) /\
             a t' k = a t (p k) / al (p k).

Lemma inQ_one c0 w a0 : inQ d 1 c0 w (fun=> a0) <-> sqn d w - a0 ^ 2 = c0.
Proof. rewrite /inQ /qform {2}/sqn /=. split=> H; lra. Qed.

Lemma sqn_axis x : sqn d (fun i => if i is O then x else 0) = x ^ 2.
Proof.
case: d d1 => // n _; rewrite /sqn; elim: n => [|n IH]; first by rewrite /=; lra.
by rewrite -[LHS]/(Quadric.sumn n.+1 _ + _) IH /=; lra.
Qed.

(* a point of C_S whose healthy neurons all have output weight of sign e *)
Lemma exists_in_C (S : {set 'I_l}) (e : bool) :
  exists t, inC S t /\ forall k, k \notin K -> negb_R (a t k) = e /\ a t k <> 0.
Proof.
pose sg (b : bool) : R := if b then -1 else 1.
pose t := Theta
  (fun k => fun i => if i is O then (if k \in K then 0 else sqrt (c k + 1)) else 0)
  (fun k => if k \in K then sg (k \in S) * sqrt (- c k) else sg e).
have sgn0 b : negb_R (sg b) = b by case: b; apply/negRP; rewrite /=; lra.
have sg2 b : sg b ^ 2 = 1 by case: b; rewrite /=; lra.
have sgn1 b : sg b <> 0 by case: b; rewrite /=; lra.
exists t; split; first split.
- move=> k; apply/inQ_one; rewrite sqn_axis /t; cbn [a W].
  case: ifP; rewrite inE => /negRP ck.
    have E : sqrt (- c k) ^ 2 = - c k by rewrite -Rsqr_pow2; apply: Rsqr_sqrt; lra.
    rewrite Rpow_mult_distr E sg2; lra.
  have E : sqrt (c k + 1) ^ 2 = c k + 1 by rewrite -Rsqr_pow2; apply: Rsqr_sqrt; lra.
  by rewrite E sg2; lra.
- move=> k kK; rewrite /t /= kK.
  have P : 0 < sqrt (- c k) by apply: sqrt_lt_R0; move: kK; rewrite inE => /negRP; lra.
  by rewrite /sg; case: (k \in S); apply/esym/negRP; nra.
- by move=> k /negPf kK; rewrite /t /= kK sgn0; split.
Qed.

Lemma rp_sign t t' (p : {perm 'I_l}) (al : 'I_l -> R) :
  (forall k, 0 < al k) -> (forall k, a t' k = a t (p k) / al (p k)) ->
  forall k, (a t' k < 0 <-> a t (p k) < 0) /\ (0 < a t' k <-> 0 < a t (p k)).
Proof.
move=> P E k; rewrite E; have Q := P (p k).
have I : 0 < / al (p k) by apply: Rinv_0_lt_compat.
by rewrite /Rdiv; split; split=> H; nra.
Qed.

Lemma path_nonzero t k : inH t -> k \in K -> a t k <> 0.
Proof.
move=> /(_ k) /inQ_one H; rewrite inE => /negRP ck E.
have := sqn_nonneg d (W t k); rewrite E in H; nra.
Qed.

Lemma same_counts_perm (T : eqType) (f g : 'I_l -> T) :
  (forall y, #|[pred k | f k == y]| = #|[pred k | g k == y]|) -> exists p : {perm 'I_l}, forall k, f k = g (p k).
Proof.
move=> E; have cnt (h : 'I_l -> T) y : count_mem y [tuple h i | i < l] = #|[pred k | h k == y]|.
  by rewrite -sum1_count big_map big_enum_cond -sum1_card; apply: eq_bigl => k; rewrite !inE.
have : perm_eq [tuple f i | i < l] [tuple g i | i < l].
  by apply/allP => y _; rewrite [_ _]/= !cnt E.
case/tuple_permP => p Ep; exists p => k.
by have := congr1 (fun s => nth (f k) s k) Ep; rewrite -!tnth_nth !tnth_mktuple.
Qed.

(* A permuted theta can be rescaled into H(c) if each neuron can, on its own. *)
Lemma rescale_permuted t (p : {perm 'I_l}) :
  (forall k, exists b, 0 < b /\ inQ d 1 (c k) (fun i => b * W t (p k) i) (fun=> a t (p k) / b)) ->
  exists t', [/\ inH t', rp t t' & forall k, negb_R (a t' k) = negb_R (a t (p k))].
Proof.
move=> step; have [b bP] := fin_all_exists step.
exists (Theta (fun k i => b k * W t (p k) i) (fun k => a t (p k) / b k)); split.
- by move=> k; have [_] := bP k.
- exists p, (fun j => b ((p^-1)%g j)); split=> [k|k]; first by have [] := bP ((p^-1)%g k).
  by rewrite permK.
- move=> k /=; have [b0 _] := bP k.
  have I : 0 < / b k by apply: Rinv_0_lt_compat.
  by apply/negRP/negRP; rewrite /Rdiv => H; nra.
Qed.

(* A neuron with both weights not zero fits every quadric; one with a <> 0 every quadric of negative imbalance. *)
Lemma fits_every c0 w a0 : 0 < sqn d w -> a0 <> 0 ->
  exists b, 0 < b /\ inQ d 1 c0 (fun i => b * w i) (fun=> a0 / b).
Proof.
move=> Ap nz; have Cp : 0 < a0 ^ 2 by nra.
have [b [[b0 bE] _]] := rescaling_unique _ _ c0 Ap Cp.
exists b; split=> //; apply/inQ_one; rewrite sqn_scal -bE; field; lra.
Qed.

Lemma fits_negative c0 w a0 : c0 < 0 -> a0 <> 0 -> exists b, 0 < b /\ inQ d 1 c0 (fun i => b * w i) (fun=> a0 / b).
Proof.
move=> c0n nz; case: (Rle_lt_or_eq_dec _ _ (sqn_nonneg d w)) => [Ap|A0]; first exact: fits_every.
have Cp : 0 < a0 ^ 2 by nra.
have [[_ /(_ c0n) [b [b0 bE]]] _] := rescaling_without_input _ _ c0 (esym A0) Cp.
by exists b; split=> //; apply/inQ_one; rewrite sqn_scal -bE; field; lra.
Qed.
End Equivalence.
