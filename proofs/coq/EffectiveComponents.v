(* Definition 2 of Nurisso et al. read literally: Eff(theta) is the union of the components that theta reaches. When some
   theta in C_S reaches C_S' the two are linked; that is so exactly when |S| and |S'| differ by at most the number m of
   healthy neurons. So the step of the printed proof of Theorem 2 fails as soon as there are neurons of both kinds; then
   the sets Eff(theta) are no partition either, and links alone join all components. *)
Require Import Reals Lra Lia Psatz Relation_Operators.
From Quadrics Require Import Quadric Rescaling Equivalence Reached.
From mathcomp Require Import all_ssreflect fingroup perm.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Section Effective.
Variables (l d : nat) (c : 'I_l -> R).
Hypothesis d1 : (0 < d)%N.
Local Open Scope R_scope.

(* theta reaches the component C_S: C_S is part of Eff(theta) *)
Definition reaches (t : theta l) (S : {set 'I_l}) : Prop := exists t', inC d c S t' /\ rp d t t'.
Definition link (S S' : {set 'I_l}) : Prop := exists t, inC d c S t /\ reaches t S'.

(* A point of C_S all of whose weights are nonzero; healthy output weights are negative. *)
Lemma exists_nondeg (S : {set 'I_l}) :
  exists t, inC d c S t /\ (forall k, k \notin K c -> a t k < 0) /\
    (forall k, 0 < sqn d (W t k) /\ a t k <> 0).
Proof.
pose sg (b : bool) : R := if b then -1 else 1.
have sgn0 b x : 0 < x -> negb_R (sg b * x) = b by case: b => x0; apply/negRP; rewrite /sg; lra.
have sg2 b : sg b ^ 2 = 1 by case: b; rewrite /=; lra.
pose t := Theta
  (fun k => fun i => if i is O then (if k \in K c then 1 else sqrt (c k + 1)) else 0)
  (fun k => if k \in K c then sg (k \in S) * sqrt (1 - c k) else -1).
have cK k : if k \in K c then c k < 0 else 0 <= c k.
  by case: ifP; rewrite inE => /negRP; lra.
exists t; split; [split|split].
- move=> k; apply/inQ_one; rewrite (sqn_axis d1) /t; cbn [a W]; have := cK k.
  case: ifP => _ ck.
    have E : sqrt (1 - c k) ^ 2 = 1 - c k by rewrite -Rsqr_pow2; apply: Rsqr_sqrt; lra.
    rewrite Rpow_mult_distr E sg2; lra.
  have E : sqrt (c k + 1) ^ 2 = c k + 1 by rewrite -Rsqr_pow2; apply: Rsqr_sqrt; lra.
  rewrite E; lra.
- move=> k kK; rewrite /t /= kK sgn0 //; apply: sqrt_lt_R0.
  by have := cK k; rewrite kK; lra.
- by move=> k /negPf kK; rewrite /t /= kK; lra.
- move=> k; rewrite (sqn_axis d1) /t; cbn [a W]; have := cK k.
  case: ifP => _ ck.
    have P : 0 < sqrt (1 - c k) by apply: sqrt_lt_R0; lra.
    split; [lra|]; rewrite /sg; case: (k \in S); nra.
  have P : 0 < sqrt (c k + 1) by apply: sqrt_lt_R0; lra.
  split; [nra|lra].
Qed.

Lemma link_sym S S' : link S S' -> link S' S.
Proof.
move=> [t [tC [t' [t'C [p [al [P Q]]]]]]]; exists t'; split=> //; exists t; split=> //.
exists (p^-1)%g, (fun k => / al (p k)); split.
  by move=> k; apply: Rinv_0_lt_compat.
move=> k; have := Q ((p^-1)%g k); rewrite permKV => -[Qw Qa]; have := P k => pk.
split=> [i id|]; first by rewrite (Qw i id); field; lra.
by rewrite Qa; field; lra.
Qed.


Lemma cardKC : #|~: K c| = (l - #|K c|)%N.
Proof. by rewrite cardsCs setCK card_ord. Qed.

Lemma negatives_card t (S : {set 'I_l}) : inC d c S t -> (#|negatives t| <= #|S| + (l - #|K c|))%N.
Proof.
move=> tC; rewrite -cardKC; apply: leq_trans (leq_card_setU S (~: K c)); apply: subset_leq_card.
apply/subsetP => k /negP' neg; rewrite in_setU in_setC; case: (boolP (k \in K c)) => kK; last by rewrite orbT.
by rewrite (tC.2 _ kK) orbF; apply/negRP.
Qed.

Lemma nondegenerate_reaches (S S' : {set 'I_l}) : S \subset K c -> S' \subset K c ->
  (#|S| <= #|S'| <= #|S| + (l - #|K c|))%N -> exists t, inC d c S t /\ reaches t S'.
Proof.
move=> SK SK' /andP[lo up]; have [t [tC [neg nd]]] := exists_nondeg S.
have id0 : idle d t = set0.
  by apply/setP => k; rewrite in_set0; apply/negbTE/negP => /idleP; have [] := nd k; lra.
exists t; split=> //; apply/(reached tC.1 SK'); rewrite id0 !setI0 cards0; split=> //.
  apply: (@leq_trans #|K c :\: S|).
    by rewrite cardsD (setIidPr SK) leq_sub2l.
  apply: subset_leq_card; apply/subsetP => k; rewrite inE => /andP[kS kK]; apply/posP.
  move: kS; rewrite (tC.2 _ kK) => /negRP; have [_] := nd k; lra.
apply: (leq_trans up); rewrite -cardKC.
have <- : #|S :|: ~: K c| = (#|S| + #|~: K c|)%N.
  have I0 : S :&: ~: K c = set0 by apply/eqP; rewrite setI_eq0 disjoints_subset setCK.
  by rewrite cardsU I0 cards0 subn0.
apply: subset_leq_card; apply/subsetP => k; rewrite in_setU in_setC => /orP[kS|kK]; apply/negP'; last exact: neg.
by have /esym/negRP := tC.2 _ (subsetP SK _ kS); rewrite kS.
Qed.

(* Which components are linked. *)
Theorem linked_iff (S S' : {set 'I_l}) : S \subset K c -> S' \subset K c ->
  link S S' <-> (#|S'| <= #|S| + (l - #|K c|))%N /\ (#|S| <= #|S'| + (l - #|K c|))%N.
Proof.
move=> SK SK'; split=> [L|[up lo]].
  have half (A B : {set 'I_l}) : B \subset K c -> link A B -> (#|B| <= #|A| + (l - #|K c|))%N.
    by move=> BK [t [tC /(reached tC.1 BK)[_ _ _ n]]]; apply: leq_trans n (negatives_card tC).
  by split; apply: half => //; apply: link_sym.
case: (leqP #|S| #|S'|) => h; first by apply: nondegenerate_reaches; rewrite ?h.
by apply: link_sym; apply: nondegenerate_reaches; rewrite // (ltnW h).
Qed.

(* The step of the printed proof: an equivalence between C_S and C_S' would need |S| = |S'|. *)
Theorem printed_step_fails j k : j \notin K c -> k \in K c ->
  ~ (forall (S S' : {set 'I_l}) t t', S \subset K c -> S' \subset K c -> inC d c S t -> inC d c S' t' -> rp d t t' ->
       #|S| = #|S'|).
Proof.
move=> jK kK H; have m1 : (0 < l - #|K c|)%N.
  by rewrite -cardKC card_gt0; apply/set0Pn; exists j; rewrite in_setC.
have kS : [set k] \subset K c by rewrite sub1set.
have [t [tC [t' [t'C r]]]] : link set0 [set k] by apply/linked_iff; rewrite ?sub0set // cards0 cards1 add0n.
by have := H _ _ _ _ (sub0set _) kS tC t'C r; rewrite cards0 cards1.
Qed.

(* The sets Eff(theta) are equal or disjoint exactly when the neurons are all pathological or all healthy. *)
Theorem eff_partition_iff :
  (forall t u (S S' : {set 'I_l}), inH d c t -> inH d c u -> S \subset K c -> S' \subset K c ->
     reaches t S -> reaches u S -> reaches t S' -> reaches u S') <-> K c = set0 \/ K c = setT.
Proof.
split=> [H|[K0|KT] t u S S' tH uH SK SK'].
- case: (set_0Vmem (K c)) => [|[k kK]]; first by left.
  right; apply/setP => j; rewrite in_setT; apply/negPn/negP => jK.
  have m1 : (0 < l - #|K c|)%N by rewrite -cardKC card_gt0; apply/set0Pn; exists j; rewrite in_setC.
  have kS : [set k] \subset K c by rewrite sub1set.
  have [t [tC r]] : exists t, inC d c set0 t /\ reaches t [set k].
    by apply: nondegenerate_reaches; rewrite ?sub0set // cards0 cards1 add0n.
  have [u [uC ue]] := exists_in_C c d1 set0 false.
  have := H t u set0 [set k] tC.1 uC.1 (sub0set _) kS (reaches_itself tC) (reaches_itself uC) r.
  case/(reached uC.1 kS) => _ _ _; rewrite cards1 card_gt0 => /set0Pn[i /negP' neg].
  case: (boolP (i \in K c)) => iK; first by have /esym/negRP := uC.2 _ iK; rewrite in_set0; apply.
  by have [/negRP] := ue _ iK.
- by move: SK SK'; rewrite K0 !subset0 => /eqP-> /eqP->.
- have count v (A : {set 'I_l}) : inH d c v -> A \subset K c -> reaches v A -> #|A| = #|negatives v|.
    move=> vH AK /(reached vH AK)[_ lo _ up]; apply/eqP; rewrite eqn_leq up /=.
    have I0 : negatives v :&: positives v = set0.
      apply/setP => i; rewrite in_setI in_set0; apply/andP => -[/negP' x /posP y]; lra.
    have : (#|negatives v :|: positives v| <= #|K c|)%N by rewrite KT subset_leq_card ?subsetT.
    rewrite cardsU I0 cards0 subn0 => h; rewrite -(leq_add2r #|positives v|).
    by apply: (leq_trans h); rewrite -leq_subLR.
  move=> tS uS tS'; have E : #|S| = #|S'| by rewrite (count t S) // (count t S').
  by apply/(reached uH SK'); rewrite -E; apply/(reached uH SK).
Qed.

(* With a healthy neuron, chains of links join all components. *)
Theorem all_linked j : j \notin K c -> forall S S' : {set 'I_l}, S \subset K c -> S' \subset K c ->
  clos_refl_sym_trans _ link S S'.
Proof.
move=> jK; have m1 : (0 < l - #|K c|)%N.
  by rewrite -cardKC card_gt0; apply/set0Pn; exists j; rewrite in_setC.
have main (S : {set 'I_l}) : S \subset K c -> clos_refl_sym_trans _ link set0 S.
  elim: {S}#|S| {-2}S (erefl #|S|) => [|n IH] S nS SK; first by rewrite (cards0_eq nS); apply: rst_refl.
  have /card_gt0P[k kS] : (0 < #|S|)%N by rewrite nS.
  have S1 : S :\ k \subset K c by apply: subset_trans SK; apply: subsetDl.
  have n1 : #|S :\ k| = n by move: nS; rewrite (cardsD1 k S) kS => -[].
  apply: (rst_trans _ _ _ (S :\ k)); first exact: IH.
  apply: rst_step; apply/linked_iff => //; rewrite nS n1; split.
    by rewrite -addn1 leq_add2l.
  by rewrite (leq_trans (leqnSn n)) ?leq_addr.
move=> S S' SK S'K; apply: (rst_trans _ _ _ set0); last exact: main.
by apply: rst_sym; apply: main.
Qed.
End Effective.

(** * Mutants: one pathological neuron and no other *)
Section Mutants.
Let c (k : 'I_1) : R := (-1)%R.
Let one : (0 < 1)%N := ltn0Sn 0.

Lemma all_pathological : K c = setT.
Proof. by apply/setP => k; rewrite !inE; apply/negRP; rewrite /c; lra. Qed.

Lemma nothing_linked : ~ link 1 c set0 setT.
Proof.
move=> /linked_iff H; have := H one; rewrite all_pathological !subsetT => /(_ isT isT)[].
by rewrite cards0 cardsT card_ord.
Qed.

(* Only one of the two bounds. *)
Theorem linked_iff_mutant_false :
  ~ (forall l d (e : 'I_l -> R) (S S' : {set 'I_l}), (0 < d)%N -> S \subset K e -> S' \subset K e ->
     link d e S S' <-> (#|S| <= #|S'| + (l - #|K e|))%N).
Proof.
move=> H; apply: nothing_linked; apply/(H 1%N 1%N c); rewrite ?all_pathological ?subsetT //.
by rewrite cards0.
Qed.

(* Without a healthy neuron. *)
Theorem printed_step_fails_mutant_false :
  ~ (forall l d (e : 'I_l -> R) k, (0 < d)%N -> k \in K e ->
     ~ (forall (S S' : {set 'I_l}) t t', S \subset K e -> S' \subset K e -> inC d e S t -> inC d e S' t' -> rp d t t' ->
          #|S| = #|S'|)).
Proof.
move=> H; apply: (H 1%N 1%N c ord0) => //; first by rewrite all_pathological in_setT.
move=> S S' t t' SK SK' tC t'C r.
have [] := (linked_iff one SK SK').1 (ex_intro _ t (conj tC (ex_intro _ t' (conj t'C r)))).
by rewrite all_pathological cardsT card_ord !addn0 => h1 h2; apply/eqP; rewrite eqn_leq h1 h2.
Qed.

Theorem all_linked_mutant_false :
  ~ (forall l d (e : 'I_l -> R) (S S' : {set 'I_l}), (0 < d)%N -> S \subset K e -> S' \subset K e ->
     clos_refl_sym_trans _ (link d e) S S').
Proof.
move=> H; have sub (S : {set 'I_1}) : S \subset K c by rewrite all_pathological subsetT.
have same (S S' : {set 'I_1}) : clos_refl_sym_trans _ (link 1 c) S S' -> #|S| = #|S'|.
  elim=> [A B|//|A B _ ->//|A B C _ -> _ ->//]; move=> /linked_iff L; have [] := L one (sub A) (sub B).
  by rewrite all_pathological cardsT card_ord !addn0 => h1 h2; apply/eqP; rewrite eqn_leq h1 h2.
by have := same _ _ (H 1%N 1%N c set0 setT one (sub _) (sub _)); rewrite cards0 cardsT card_ord.
Qed.

(* Only when all are pathological. *)
Theorem eff_partition_iff_mutant_false :
  ~ (forall l d (e : 'I_l -> R), (0 < d)%N ->
     (forall t u (S S' : {set 'I_l}), inH d e t -> inH d e u -> S \subset K e -> S' \subset K e ->
        reaches d e t S -> reaches d e u S -> reaches d e t S' -> reaches d e u S') <-> K e = setT).
Proof.
move=> H; pose e (k : 'I_1) : R := R1.
have K0 : K e = set0 by apply/setP => k; rewrite !inE; apply/negRP; rewrite /e; lra.
have := (H 1%N 1%N e one).1 ((eff_partition_iff e one).2 (or_introl K0)).
by rewrite K0 => /setP/(_ ord0); rewrite !inE.
Qed.
End Mutants.
