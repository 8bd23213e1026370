(* The components that one parameter reaches by rescaling and permutation: theta in H(c) is equivalent to a point of C_S'
   exactly when four numbers allow it. With p(s') = l_- - |S'| these are the bounds
   max(delta_+, l_- - N) <= p(s') <= min(P, l_- - delta_-). Theorem 2 of Nurisso et al. follows. *)
Require Import Reals Lra Psatz.
From Quadrics Require Import Quadric Rescaling Equivalence.
From mathcomp Require Import all_ssreflect fingroup perm.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Section Reached.
Variables (l d : nat) (c : 'I_l -> R).
Local Open Scope R_scope.
Implicit Types (S : {set 'I_l}) (t : theta l).

Definition negatives t : {set 'I_l} := [set k | negb_R (a t k)].
Definition positives t : {set 'I_l} := [set k | negb_R (- a t k)].
(* neurons without input weights *)
Definition idle t : {set 'I_l} := [set k | ~~ negb_R (- sqn d (W t k))].

Lemma idleP t k : reflect (sqn d (W t k) = 0) (k \in idle t).
Proof.
rewrite inE; have := sqn_nonneg d (W t k) => N.
by apply: (iffP idP) => [/negP H|E]; [case: (Rle_lt_or_eq_dec _ _ N) => // P; case: H; apply/negRP; lra
  | apply/negP => /negRP; lra].
Qed.
Lemma posP t k : reflect (0 < a t k) (k \in positives t).
Proof. by rewrite inE; apply: (iffP (negRP _)); lra. Qed.
Lemma negP' t k : reflect (a t k < 0) (k \in negatives t).
Proof. by rewrite inE; apply: (iffP (negRP _)). Qed.

Lemma between (T : finType) (X Y : {set T}) n : X \subset Y -> (#|X| <= n <= #|Y|)%N ->
  exists A : {set T}, [/\ X \subset A, A \subset Y & #|A| = n].
Proof.
move=> XY /andP[Xn nY]; pose s := take (n - #|X|) (enum (Y :\: X)); pose A := [set x in s].
have sub : A \subset Y :\: X by apply/subsetP => x; rewrite inE => /mem_take; rewrite mem_enum.
have cA : #|A| = (n - #|X|)%N.
  rewrite cardsE (card_uniqP _) ?take_uniq ?enum_uniq // size_takel // -cardE cardsD (setIidPr XY).
  exact: leq_sub2r.
exists (X :|: A); split; first exact: subsetUl.
  by rewrite subUset XY (subset_trans sub) ?subsetDl.
rewrite cardsU cA; have -> : X :&: A = set0.
  apply/setP => x; rewrite !inE; apply/andP => -[xX xs].
  have : x \in Y :\: X by apply: (subsetP sub); rewrite inE.
  by rewrite inE xX.
by rewrite cards0 subn0 subnKC.
Qed.

(* A colouring of the places by S', the other pathological places, and places whose neurons stay, is a permutation of the
   colouring of the neurons by A, B and the same fixed neurons. *)
Lemma placement (S' A B F : {set 'I_l}) : S' \subset K c -> [disjoint A & B] -> [disjoint F & K c] ->
  [disjoint F & A] -> [disjoint F & B] -> #|A| = #|S'| -> #|B| = #|K c :\: S'| ->
  exists p : {perm 'I_l}, [/\ forall k, k \in S' -> p k \in A, forall k, k \in K c :\: S' -> p k \in B,
    forall k, k \in F -> p k = k & forall k, k \notin K c -> k \notin F -> [/\ p k \notin A, p k \notin B & p k \notin F]].
Proof.
move=> SK AB FK FA FB cA cB.
pose colour (X Y : {set 'I_l}) (k : 'I_l) : 'I_l + option bool :=
  if k \in X then inr (Some true) else if k \in Y then inr (Some false) else if k \in F then inl k else inr None.
have cardc (X Y : {set 'I_l}) : [disjoint X & Y] -> [disjoint F & X] -> [disjoint F & Y] -> forall y,
    #|[pred k | colour X Y k == y]| =
    match y with inr (Some true) => #|X| | inr (Some false) => #|Y| | inl j => (j \in F : nat)
    | inr None => (l - (#|X| + #|Y| + #|F|))%N end.
  move=> XY FX FY y.
  have out k : k \in F -> (k \in X = false) * (k \in Y = false).
    by move=> kF; rewrite (disjointFr FX kF) (disjointFr FY kF).
  have outY k : k \in Y -> k \in X = false by move=> kY; rewrite (disjointFl XY kY).
  have colI k j : (colour X Y k == inl j) = (k == j) && (j \in F).
    apply/eqP/andP => [|[/eqP-> jF]]; last by rewrite /colour !(out j jF) jF.
    by rewrite /colour; case: ifP => // _; case: ifP => // _; case: ifP => // kF [<-]; rewrite eqxx.
  case: y => [j|[[]|]].
  - case: (boolP (j \in F)) => jF /=.
      by rewrite -[RHS](card1 j); apply: eq_card => k; rewrite inE /= colI jF andbT inE.
    by apply: eq_card0 => k; rewrite inE /= colI (negbTE jF) andbF.
  - by apply: eq_card => k; rewrite !inE /colour; case: ifP => // _; do 2 (case: ifP => //).
  - apply: eq_card => k; rewrite !inE /colour; case: ifP => [kX|_]; last by case: ifP => // _; case: ifP.
    by apply/esym/negbTE; rewrite (disjointFr XY kX).
  - have -> : #|[pred k | colour X Y k == inr None]| = #|~: (X :|: Y :|: F)|.
      by apply: eq_card => k; rewrite !inE /colour; do 3 (case: ifP => //).
    rewrite cardsCs setCK card_ord; congr (l - _)%N.
    have I0 : (X :|: Y) :&: F = set0.
      apply/setP => k; rewrite !inE; apply/andP => -[/orP[kX|kY] kF]; have [] := out k kF.
        by rewrite kX.
      by rewrite kY.
    have I1 : X :&: Y = set0 by apply/eqP; rewrite setI_eq0.
    by rewrite cardsU I0 cards0 subn0 cardsU I1 cards0 subn0.
have dS : [disjoint S' & K c :\: S'] by rewrite -setI_eq0 setIDA setIC -setIDA setDv setI0.
have FS : [disjoint F & S'] by apply: disjointWr FK.
have FD : [disjoint F & K c :\: S'] by apply: disjointWr FK; apply: subsetDl.
have [p pE] : exists p : {perm 'I_l}, forall k, colour S' (K c :\: S') k = colour A B (p k).
  by apply: same_counts_perm => y; rewrite !cardc // cA cB.
have cAin k : (colour A B k == inr (Some true)) = (k \in A).
  by rewrite /colour; case: ifP => // _; do 2 (case: ifP => //).
exists p; split.
- by move=> k kS; rewrite -cAin -pE /colour kS.
- move=> k kD; have := pE k; rewrite /colour kD (disjointFl dS kD).
  by case: ifP => // _; case: ifP => // _; case: ifP.
- move=> k kF; have := pE k; rewrite /colour kF (disjointFr FS kF) (disjointFr FD kF).
  by case: ifP => // _; case: ifP => // _; case: ifP => // _ [].
- move=> k kK kF; have kS : k \in S' = false by apply/negbTE; apply: contra kK; apply: (subsetP SK).
  have := pE k; rewrite /colour kS inE (negbTE kK) andbF (negbTE kF).
  by case: ifP => // pA; case: ifP => // pB; case: ifP.
Qed.

Lemma rp_refl t : rp d t t.
Proof.
exists 1%g, (fun=> 1); split=> [_|k]; first lra.
by rewrite perm1; split=> [i _|]; field.
Qed.

Theorem reached t S' : inH d c t -> S' \subset K c ->
  (exists t', inC d c S' t' /\ rp d t t') <->
  [/\ (#|positives t :&: idle t| <= #|K c| - #|S'|)%N, (#|K c| - #|S'| <= #|positives t|)%N,
      (#|negatives t :&: idle t| <= #|S'|)%N & (#|S'| <= #|negatives t|)%N].
Proof.
move=> tH SK.
have cD : #|K c :\: S'| = (#|K c| - #|S'|)%N by rewrite cardsD (setIidPr SK).
split=> [[t' [[t'H t'S] [p [al [P Q]]]]]|[n1 n2 n3 n4]].
- have Sg := rp_sign P (fun k => (Q k).2).
  have to_idle k : p k \in idle t -> sqn d (W t' k) = 0.
    move=> /idleP Z; rewrite (sqn_ext d _ (fun i => al (p k) * W t (p k) i)); last by move=> i id; apply: (Q k).1.
    by rewrite sqn_scal Z; ring.
  have inK k : p k \in idle t -> a t' k <> 0 -> k \in K c.
    move=> /to_idle Z nz; have /inQ_one := t'H k; rewrite Z inE => E; apply/negRP; nra.
  split; rewrite -?cD.
  + rewrite -(card_preimset _ (@perm_inj _ p)); apply: subset_leq_card; apply/subsetP => k.
    rewrite 2!inE => /andP[/posP pk id]; have pos := (Sg k).2.2 pk.
    have kK := inK k id ltac:(lra); rewrite inE kK (t'S _ kK) andbT.
    by apply/negP => /negRP; lra.
  + rewrite -[#|positives t|](card_preimset _ (@perm_inj _ p)); apply: subset_leq_card; apply/subsetP => k.
    rewrite in_setD => /andP[kS kK]; rewrite inE; apply/posP; apply: (Sg k).2.1.
    have nz := path_nonzero t'H kK; move: kS; rewrite (t'S _ kK) => /negP H.
    by case: (Rtotal_order (a t' k) 0) => [L|[//|//]]; case: H; apply/negRP.
  + rewrite -(card_preimset _ (@perm_inj _ p)); apply: subset_leq_card; apply/subsetP => k.
    rewrite 2!inE => /andP[/negP' pk id]; have neg := (Sg k).1.2 pk.
    by have kK := inK k id ltac:(lra); rewrite (t'S _ kK); apply/negRP.
  + rewrite -[#|negatives t|](card_preimset _ (@perm_inj _ p)); apply: subset_leq_card; apply/subsetP => k kS.
    have kK := subsetP SK _ kS; rewrite inE; apply/negP'; apply: (Sg k).1.1.
    by have /esym/negRP := t'S _ kK; rewrite kS.
- have [A [A1 A2 A3]] : exists A : {set 'I_l}, [/\ negatives t :&: idle t \subset A, A \subset negatives t & #|A| = #|S'|].
    by apply: between; rewrite ?subsetIl // n3 n4.
  have [B [B1 B2 B3]] : exists B : {set 'I_l}, [/\ positives t :&: idle t \subset B, B \subset positives t & #|B| = #|K c :\: S'|].
    by apply: between; rewrite ?subsetIl // cD n1 n2.
  pose F := ~: (negatives t :|: positives t).
  have F0 k : k \in F -> a t k = 0.
    rewrite !inE negb_or => /andP[/negP h1 /negP h2].
    by case: (Rtotal_order (a t k) 0) => [L|[//|G]]; [case: h1; apply/negRP | case: h2; apply/negRP; lra].
  have disj (X Y : {set 'I_l}) : (forall k, k \in X -> k \in Y -> False) -> [disjoint X & Y].
    move=> H; rewrite -setI_eq0; apply/eqP/setP => k; rewrite in_setI in_set0.
    by apply/andP => -[]; apply: H.
  have AB : [disjoint A & B].
    apply: disj => k /(subsetP A2)/negP' h1 /(subsetP B2)/posP h2; lra.
  have FK : [disjoint F & K c] by apply: disj => k /F0 Z /(path_nonzero tH).
  have FA : [disjoint F & A] by apply: disj => k /F0 Z /(subsetP A2)/negP'; lra.
  have FB : [disjoint F & B] by apply: disj => k /F0 Z /(subsetP B2)/posP; lra.
  have [p [pS pK pF pR]] := placement SK AB FK FA FB A3 B3.
  have nzK k : k \in K c -> a t (p k) <> 0.
    move=> kK; case: (boolP (k \in S')) => kS; first by have /(subsetP A2)/negP' := pS _ kS; lra.
    by have /(subsetP B2)/posP : p k \in B; [apply: pK; rewrite inE kS | lra].
  have step k : exists b, 0 < b /\ inQ d 1 (c k) (fun i => b * W t (p k) i) (fun=> a t (p k) / b).
    case: (boolP (k \in K c)) => kK.
      by apply: fits_negative; [move: kK; rewrite inE => /negRP | apply: nzK].
    case: (boolP (k \in F)) => kF.
      exists 1; split; first lra.
      have /inQ_one H := tH k; apply/inQ_one; rewrite pF // sqn_scal -H; field.
    have [hA hB hF] := pR _ kK kF.
    have nz : a t (p k) <> 0.
      move=> Z; case/negP: hF; rewrite !inE negb_or; apply/andP; split; apply/negP => /negRP; lra.
    apply: fits_every => //; case: (Rle_lt_or_eq_dec _ _ (sqn_nonneg d (W t (p k)))) => // Z.
    have id : p k \in idle t by apply/idleP.
    case: (Rtotal_order (a t (p k)) 0) => [L|[//|G]].
      by case/negP: hA; apply: (subsetP A1); rewrite in_setI id andbT; apply/negP'.
    by case/negP: hB; apply: (subsetP B1); rewrite in_setI id andbT; apply/posP.
  have [t' [t'H r sg]] := rescale_permuted step.
  exists t'; split=> //; split=> // k kK; rewrite sg.
  case: (boolP (k \in S')) => kS; apply/esym.
    by apply/negRP; have /(subsetP A2)/negP' := pS _ kS.
  by apply/negP => /negRP; have /(subsetP B2)/posP : p k \in B; [apply: pK; rewrite inE kS | lra].
Qed.
(* An equivalence keeps the four numbers. *)
Lemma rp_counts t t' : rp d t t' ->
  [/\ #|positives t'| = #|positives t|, #|negatives t'| = #|negatives t|,
      #|positives t' :&: idle t'| = #|positives t :&: idle t| & #|negatives t' :&: idle t'| = #|negatives t :&: idle t|].
Proof.
move=> [p [al [P Q]]]; have Sg := rp_sign P (fun k => (Q k).2).
have pE : positives t' = p @^-1: positives t.
  by apply/setP => k; rewrite [RHS]inE; apply/posP/posP => h; apply Sg.
have nE : negatives t' = p @^-1: negatives t.
  by apply/setP => k; rewrite [RHS]inE; apply/negP'/negP' => h; apply Sg.
have iE : idle t' = p @^-1: idle t.
  apply/setP => k; rewrite [RHS]inE; have E : sqn d (W t' k) = al (p k) ^ 2 * sqn d (W t (p k)).
    by rewrite (sqn_ext d _ (fun i => al (p k) * W t (p k) i)) ?sqn_scal // => i id; apply: (Q k).1.
  have pos := P (p k); apply/idleP/idleP => [Z|Z]; last by rewrite E Z; ring.
  by rewrite Z in E; case: (Rmult_integral _ _ (esym E)) => // N; have := pow_lt _ 2 pos; lra.
by split; rewrite ?pE ?nE ?iE -?preimsetI card_preimset //; apply: perm_inj.
Qed.

Lemma rp_trans t t' t'' : rp d t t' -> rp d t' t'' -> rp d t t''.
Proof.
move=> [p [al [P Q]]] [q [be [P' Q']]]; exists (q * p)%g, (fun j => al j * be ((p^-1)%g j)); split=> [j|k].
  exact: Rmult_lt_0_compat.
have [Qw Qa] := Q (q k); have [Qw' Qa'] := Q' k; rewrite permM permK; split=> [i id|].
  by rewrite Qw' // Qw //; ring.
by rewrite Qa' Qa; have h1 := P (p (q k)); have h2 := P' (q k); field; lra.
Qed.

Lemma rp_sym t t' : rp d t t' -> rp d t' t.
Proof.
move=> [p [al [P Q]]]; exists (p^-1)%g, (fun k => / al (p k)); split.
  by move=> k; apply: Rinv_0_lt_compat.
move=> k; have := Q ((p^-1)%g k); rewrite permKV => -[Qw Qa]; have := P k => pk.
split=> [i id|]; first by rewrite (Qw i id); field; lra.
by rewrite Qa; field; lra.
Qed.

(* The same for theta that need not lie in H(c) itself, only be equivalent to a point of it. *)
Theorem reached_by_equivalence t0 t S' : inH d c t0 -> rp d t0 t -> S' \subset K c ->
  (exists t', inC d c S' t' /\ rp d t t') <->
  [/\ (#|positives t :&: idle t| <= #|K c| - #|S'|)%N, (#|K c| - #|S'| <= #|positives t|)%N,
      (#|negatives t :&: idle t| <= #|S'|)%N & (#|S'| <= #|negatives t|)%N].
Proof.
move=> tH r SK; have [-> -> -> ->] := rp_counts r; apply: iff_trans (reached tH SK); split=> -[t' [t'C r']].
  by exists t'; split=> //; apply: rp_trans r r'.
by exists t'; split=> //; apply: rp_trans (rp_sym r) r'.
Qed.
End Reached.

(* A component that t lies in is reached. *)
Lemma reaches_itself (l d : nat) (c : 'I_l -> R) S (t : theta l) : inC d c S t ->
  exists t', inC d c S t' /\ rp d t t'.
Proof. by move=> tC; exists t; split=> //; apply: rp_refl. Qed.

(** * Mutants *)
(* N > |S'| for N >= |S'|. *)
Theorem reached_mutant_false :
  ~ (forall l d (c : 'I_l -> R) t (S' : {set 'I_l}), inH d c t -> S' \subset K c ->
     (exists t', inC d c S' t' /\ rp d t t') <->
     [/\ (#|positives t :&: idle d t| <= #|K c| - #|S'|)%N, (#|K c| - #|S'| <= #|positives t|)%N,
         (#|negatives t :&: idle d t| <= #|S'|)%N & (#|S'| < #|negatives t|)%N]).
Proof.
move=> H; pose c (k : 'I_1) : R := (-1)%R.
have KT : K c = setT by apply/setP => k; rewrite !inE; apply/negRP; rewrite /c; lra.
have [t [tC _]] := @exists_in_C 1 1 c (ltn0Sn 0) setT true.
have TK : setT \subset K c by rewrite KT.
have [_ _ _] := (H 1%N 1%N c t setT tC.1 TK).1 (reaches_itself tC).
by rewrite ltnNge cardsT max_card.
Qed.

(* A theta that no point of H(c) is equivalent to. *)
Theorem reached_by_equivalence_mutant_false :
  ~ (forall l d (c : 'I_l -> R) t (S' : {set 'I_l}), S' \subset K c ->
     [/\ (#|positives t :&: idle d t| <= #|K c| - #|S'|)%N, (#|K c| - #|S'| <= #|positives t|)%N,
         (#|negatives t :&: idle d t| <= #|S'|)%N & (#|S'| <= #|negatives t|)%N] ->
     exists t', inC d c S' t' /\ rp d t t').
Proof.
move=> H; pose c (k : 'I_1) : R := R1; pose t := Theta (fun (_ : 'I_1) _ => 0%R) (fun=> 0%R).
have K0 : K c = set0 by apply/setP => k; rewrite !inE; apply/negRP; rewrite /c; lra.
have P0 : positives t = set0 by apply/setP => k; rewrite !inE; apply/negRP; rewrite /=; lra.
have N0 : negatives t = set0 by apply/setP => k; rewrite !inE; apply/negRP; rewrite /=; lra.
have := H 1%N 1%N c t set0; rewrite sub0set P0 N0 K0 set0I cards0 => /(_ isT).
case=> [|t' [[t'H _] [p [al [P Q]]]]]; first by split.
have /inQ_one := t'H ord0; have [Qw Qa] := Q ord0; rewrite Qa /sqn /= Qw /c /=; last exact/ltP.
by rewrite /Rdiv !Rmult_0_l; lra.
Qed.
