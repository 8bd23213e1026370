(* Theorem 2 of Nurisso et al., as it is stated: every theta in C_S has an equivalent in C_S' exactly when |S| = |S'|, that
   is, when the sums of the sign vectors agree. Corollary 3 for this relation: l_- + 1 classes of components. *)
Require Import Reals Lra Lia Psatz.
From Quadrics Require Import Quadric Rescaling Equivalence Reached.
From mathcomp Require Import all_ssreflect fingroup perm.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Section Theorem2.
Variables (l d : nat) (c : 'I_l -> R).
Hypothesis d1 : (0 < d)%N.
Local Open Scope R_scope.

Theorem theorem_2 (S S' : {set 'I_l}) : S \subset K c -> S' \subset K c ->
  (forall t, inC d c S t -> exists t', inC d c S' t' /\ rp d t t') <-> #|S| = #|S'|.
Proof.
move=> SK SK'; split=> [H|E t tC]; last first.
  by apply/(reached tC.1 SK'); rewrite -E; apply/(reached tC.1 SK)/reaches_itself.
have [t [tC te]] := exists_in_C c d1 S false.
have [u [uC ue]] := exists_in_C c d1 S true.
have [_ _ _ up] := (reached tC.1 SK').1 (H t tC).
have [_ low _ _] := (reached uC.1 SK').1 (H u uC).
have tN : negatives t \subset S.
  apply/subsetP => k /negP' neg; case: (boolP (k \in K c)) => kK; first by rewrite (tC.2 _ kK); apply/negRP.
  by have [/negRP] := te _ kK.
have uP : positives u \subset K c :\: S.
  apply/subsetP => k /posP pos; case: (boolP (k \in K c)) => kK.
    by rewrite inE kK (uC.2 _ kK) andbT; apply/negRP; lra.
  by have [/negRP] := ue _ kK; lra.
apply/eqP; rewrite eqn_leq (leq_trans up (subset_leq_card tN)) andbT.
have := leq_trans low (subset_leq_card uP); rewrite cardsD (setIidPr SK).
move: (subset_leq_card SK) (subset_leq_card SK') => /leP h1 /leP h2 /leP; rewrite -!minusE => h3.
by apply/leP; lia.
Qed.

Definition sums_agree : rel {set 'I_l} := fun S S' => #|S| == #|S'|.

Theorem corollary_3 : #|equivalence_partition sums_agree (powerset (K c))| = #|K c|.+1.
Proof.
have lt (S : {set 'I_l}) : (minn #|S| #|K c| < #|K c|.+1)%N by rewrite ltnS geq_minr.
pose f S : 'I_#|K c|.+1 := Ordinal (lt S).
transitivity #|preim_partition f (powerset (K c))|.
  congr #|pred_of_set _|; apply: eq_in_imset => S /=; rewrite inE => SK.
  apply/setP => S'; rewrite !inE; case: (boolP (S' \subset (K c))) => //= S'K.
  by rewrite /sums_agree -val_eqE /= !(minn_idPl (subset_leq_card _)).
rewrite /preim_partition /equivalence_partition.
pose G (k : 'I_#|K c|.+1) := [set y in powerset (K c) | k == f y].
have -> : [set [set y in powerset (K c) | [rel x y | f x == f y] x y] | x in powerset (K c)]
          = G @: (f @: powerset (K c)) by rewrite -imset_comp.
rewrite card_in_imset; last first.
  move=> k k' /imsetP[x xD ->] /imsetP[y yD ->] Ex.
  have : x \in G (f x) by rewrite inE xD eqxx.
  by rewrite Ex inE => /andP[_ /eqP].
rewrite -[RHS]card_ord -cardsT; congr #|pred_of_set _|; apply/setP => k; rewrite inE.
have kK : (k <= #|K c|)%N by rewrite -ltnS.
have [s [us ss szs]] : exists s : seq 'I_l, [/\ uniq s, {subset s <= K c} & size s = k].
  exists (take k (enum (K c))); split.
  - by rewrite take_uniq ?enum_uniq.
  - by move=> x /mem_take; rewrite mem_enum.
  - by rewrite size_take -cardE; case: ltngtP kK.
apply/imsetP; exists [set x in s].
  by rewrite inE; apply/subsetP => x; rewrite in_set => /ss.
have cs : #|[set x in s]| = k by rewrite cardsE (card_uniqP us) szs.
by apply/val_inj; rewrite /= cs; apply/esym/minn_idPl.
Qed.
End Theorem2.

(** * Mutants *)
Theorem corollary_3_mutant_false :
  ~ (forall l (c : 'I_l -> R), #|equivalence_partition (@sums_agree l) (powerset (K c))| = #|K c|).
Proof. by move=> H; have := H 0%N (fun=> R0); rewrite corollary_3 => /esym/n_Sn. Qed.

(* Any component for one of the same sum. *)
Theorem theorem_2_mutant_false :
  ~ (forall l d (c : 'I_l -> R) (S S' : {set 'I_l}), (0 < d)%N -> S \subset K c -> S' \subset K c ->
     forall t, inC d c S t -> exists t', inC d c S' t' /\ rp d t t').
Proof.
move=> H; pose c (k : 'I_1) : R := (-1)%R.
have KT : K c = setT by apply/setP => k; rewrite !inE; apply/negRP; rewrite /c; lra.
have sub (S : {set 'I_1}) : S \subset K c by rewrite KT subsetT.
have := (theorem_2 (ltn0Sn 0) (sub set0) (sub setT)).1 (H 1%N 1%N c set0 setT (ltn0Sn 0) (sub _) (sub _)).
by rewrite cards0 cardsT card_ord.
Qed.
