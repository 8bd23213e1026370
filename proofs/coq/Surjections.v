(* The number G(r, m) of maps of m new neurons onto r old ones (Simsek et al., Proposition 4.5;
   appendix, eqs. (5) to (10)): every map has an image, and inclusion-exclusion. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Quadrics Require Import BinomialInversion.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Close Scope ring_scope.

(* The maps of [m] onto [r], as functions between finite sets, and their number. *)
Definition surj m r := [set f : {ffun 'I_m -> 'I_r} | [forall j, j \in codom f]].
Definition G r m := #|surj m r|.

(* The maps whose image is a given set of l elements are as many as the maps onto [l]. *)
Lemma onto_card m r (A : {set 'I_r}) :
  #|[set f : {ffun 'I_m -> 'I_r} | [set x in codom f] == A]| = G #|A| m.
Proof.
pose phi (g : {ffun 'I_m -> 'I_#|A|}) : {ffun 'I_m -> 'I_r} := [ffun i => enum_val (g i)].
have phi_inj : injective phi.
  by move=> g g' /ffunP E; apply/ffunP => i; have := E i; rewrite !ffunE => /enum_val_inj.
rewrite /G -(card_imset _ phi_inj); congr #|pred_of_set _|; apply/setP => f.
rewrite inE; apply/eqP/imsetP => [fA|[g]].
  have fAi i : f i \in A by rewrite -fA inE codom_f.
  exists [ffun i => enum_rank_in (fAi i) (f i)]; last first.
    by apply/ffunP => i; rewrite !ffunE enum_rankK_in.
  rewrite inE; apply/forallP => j.
  have onA x : x \in A -> exists i, x = f i by rewrite -fA inE => /codomP.
  have [i Ei] := onA _ (enum_valP j).
  by apply/codomP; exists i; apply/enum_val_inj; rewrite ffunE enum_rankK_in.
rewrite inE => /forallP sg ->; apply/setP => x; rewrite inE.
apply/codomP/idP => [[i ->]|xA]; first by rewrite ffunE enum_valP.
have /codomP[i Ei] := sg (enum_rank_in xA x).
by exists i; rewrite ffunE -Ei enum_rankK_in.
Qed.

(* Each of the r^m maps has exactly one image: r^m = sum_l C(r, l) G(l, m). *)
Theorem sum_bin_G r m : \sum_(l < r.+1) 'C(r, l) * G l m = r ^ m.
Proof.
have -> : r ^ m = #|{ffun 'I_m -> 'I_r}| by rewrite card_ffun !card_ord.
rewrite -sum1_card (partition_big (fun f : {ffun 'I_m -> 'I_r} => [set x in codom f]) predT) //=.
under [RHS]eq_bigr => A _.
  rewrite sum1dep_card onto_card; over.
have lt (A : {set 'I_r}) : #|A| < r.+1 by rewrite ltnS -[X in _ <= X]card_ord max_card.
rewrite [RHS](partition_big (fun A : {set 'I_r} => Ordinal (lt A)) predT) //=.
apply: eq_bigr => l _.
rewrite (eq_bigr (fun=> G l m)); last by move=> A /eqP <-.
rewrite sum_nat_const; congr (_ * _).
rewrite -[X in 'C(X, _)](card_ord r) -card_draws; apply: eq_card => A.
by rewrite !inE unfold_in.
Qed.

(* The sum must reach l = r: without the maps onto all of [r] it falls short. *)
Theorem sum_bin_G_mutant_false : ~ (forall r m, \sum_(l < r) 'C(r, l) * G l m = r ^ m).
Proof.
move=> /(_ 1 1); rewrite big_ord1 bin0 mul1n /G (_ : surj 1 0 = set0) ?cards0 //.
by apply/setP => f; case: (f ord0).
Qed.

Local Open Scope ring_scope.
(* G(r, m) = sum_i (-1)^(r-i) C(r, i) i^m. *)
Theorem G_inclusion_exclusion r m :
  (G r m)%:R = \sum_(i < r.+1) ((-1) ^+ (r - i) * (i ^ m)%:R) *+ 'C(r, i) :> int.
Proof.
apply: (@bin_inversion (fun n => (n ^ m)%:R) (fun n => (G n m)%:R)) => n.
rewrite -sum_bin_G natr_sum; apply: eq_bigr => l _.
by rewrite mulnC natrM mulr_natr.
Qed.

(* With the sign (-1)^i in place of (-1)^(r-i) the formula fails for odd r. *)
Theorem G_inclusion_exclusion_mutant_false :
  ~ (forall r m, (G r m)%:R = \sum_(i < r.+1) ((-1) ^+ i * (i ^ m)%:R) *+ 'C(r, i) :> int).
Proof.
move=> /(_ 1%N 1%N); rewrite G_inclusion_exclusion !big_ord_recl !big_ord0 /=.
by move/eqP.
Qed.
