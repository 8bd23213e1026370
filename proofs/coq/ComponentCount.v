(* Corollary 2 of Nurisso et al. without homology: with one output and d >= 2 inputs the invariant set H(c) has exactly
   2^(l_-) path components, one for each set of pathological neurons with negative output weight. *)
Require Import Reals Lra Psatz.
From Quadrics Require Import Quadric Continuity Sheets QuadricPaths SignComponents Equivalence.
From mathcomp Require Import all_ssreflect fingroup perm.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Section Components.
Variables (l d : nat) (c : 'I_l -> R).
Hypothesis d2 : (1 < d)%N.
Local Open Scope R_scope.
Notation K := (Equivalence.K c).

Definition ext (T : Type) (x0 : T) (f : 'I_l -> T) (k : nat) : T :=
  if insub k is Some j then f j else x0.
Lemma extE T (x0 : T) f (k : 'I_l) : ext x0 f k = f k.
Proof. by rewrite /ext valK. Qed.

Definition joined (t t' : theta l) : Prop :=
  path_in_H l d (ext 0 c) (ext (fun=> 0) (W t)) (ext 0 (a t)) (ext (fun=> 0) (W t')) (ext 0 (a t')).
Definition negset (t : theta l) : {set 'I_l} := [set k in K | negb_R (a t k)].

Lemma inH_ext t : Equivalence.inH d c t ->
  in_H l d (ext 0 c) (ext (fun=> 0) (W t)) (ext 0 (a t)).
Proof.
move=> H k /ltP kl; have := H (Ordinal kl).
by rewrite -[k]/(val (Ordinal kl)) !extE.
Qed.

Theorem joined_iff t t' : Equivalence.inH d c t -> Equivalence.inH d c t' ->
  joined t t' <-> negset t = negset t'.
Proof.
move=> H H'.
have P := proposition_3 l d (ext 0 c) _ _ _ _ (ltP d2) (inH_ext H) (inH_ext H').
split=> [/(proj1 P) S|E].
- apply/setP => k; rewrite [LHS]in_set [RHS]in_set; case: (boolP (k \in K)) => kK //=.
  have ck : c k < 0 by move: kK; rewrite inE => /negRP.
  have := S k (ltP (ltn_ord k)); rewrite !extE => /(_ ck).
  have := path_nonzero H kK; have := path_nonzero H' kK.
  rewrite /sgn /negb_R; repeat (destruct (Rlt_dec _ _)) => //; lra.
- apply/(proj2 P) => k0 /ltP kl; pose k := Ordinal kl.
  rewrite -[k0]/(val k) !extE => ck.
  have kK : k \in K by rewrite inE; apply/negRP.
  have := path_nonzero H kK; have := path_nonzero H' kK.
  have : negb_R (a t k) = negb_R (a t' k).
    by have := congr1 (fun A : {set 'I_l} => k \in A) E; rewrite /= [LHS]in_set [RHS]in_set kK.
  rewrite /sgn /negb_R; repeat (destruct (Rlt_dec _ _)) => //; lra.
Qed.

Lemma negset_sub t : negset t \in powerset K.
Proof. by rewrite inE; apply/subsetP => k; rewrite in_set => /andP[]. Qed.

Lemma negset_onto (S : {set 'I_l}) : S \in powerset K ->
  exists t, Equivalence.inH d c t /\ negset t = S.
Proof.
rewrite inE => SK; have [t [[H Sg] _]] := exists_in_C c (ltnW d2) S true.
exists t; split=> //; apply/setP => k; rewrite in_set.
case: (boolP (k \in K)) => kK /=; first by rewrite (Sg _ kK).
by apply/esym/negbTE; apply: contra kK; apply: (subsetP SK).
Qed.


(* There are 2^(l_-) points of H(c) such that every point of H(c) is joined to exactly one of them. *)
Theorem corollary_2 : exists rep : 'I_(2 ^ #|K|) -> theta l, (forall i, Equivalence.inH d c (rep i)) /\
  forall t, Equivalence.inH d c t -> exists! i, joined (rep i) t.
Proof.
have E : #|powerset K| = (2 ^ #|K|)%N := card_powerset K.
pose set_of (i : 'I_(2 ^ #|K|)) : {set 'I_l} := enum_val (cast_ord (esym E) i).
have sub i : set_of i \in powerset K by apply: enum_valP.
have [rep repP] := fin_all_exists (fun i => negset_onto (sub i)).
exists rep; split=> [i|t tH]; first by have [] := repP i.
pose i := cast_ord E (enum_rank_in (negset_sub t) (negset t)).
have iE : set_of i = negset t by rewrite /set_of /i cast_ordK enum_rankK_in ?negset_sub.
exists i; split=> [|j].
  by have [H N] := repP i; apply/(joined_iff H tH); rewrite N iE.
have [H N] := repP j; move=> /(joined_iff H tH); rewrite N -iE => S.
by apply: (can_inj (cast_ordK (esym E))); apply: enum_val_inj.
Qed.
End Components.

(** * Mutants: no pathological neuron, one of c > 0 *)
Section Mutants.
Let c (k : 'I_1) : R := R1.

Lemma no_pathological : Equivalence.K c = set0.
Proof. by apply/setP => k; rewrite !inE; apply/negRP; rewrite /c; lra. Qed.

Lemma all_joined t t' : Equivalence.inH 2 c t -> Equivalence.inH 2 c t' -> joined 2 c t t'.
Proof.
move=> H H'; apply/(joined_iff (ltnSn 1) H H').
by rewrite /negset no_pathological; apply/setP => k; rewrite !inE !andFb.
Qed.

(* 2^l components. *)
Theorem corollary_2_mutant_false :
  ~ (forall l d (e : 'I_l -> R), (1 < d)%N ->
     exists rep : 'I_(2 ^ l) -> theta l, (forall i, Equivalence.inH d e (rep i)) /\
       forall t, Equivalence.inH d e t -> exists! i, joined d e (rep i) t).
Proof.
move=> /(_ 1%N 2%N c (ltnSn 1))[rep [H]]; rewrite expn1 in rep H * => U.
have [i [_ only]] := U _ (H ord0).
have := only ord0 (all_joined (H _) (H _)); have := only ord_max (all_joined (H _) (H _)).
by move=> -> /(congr1 val).
Qed.

(* The sets of all negative output weights, pathological or not. *)
Theorem joined_iff_mutant_false :
  ~ (forall l d (e : 'I_l -> R) t t', (1 < d)%N -> Equivalence.inH d e t -> Equivalence.inH d e t' ->
     joined d e t t' <-> [set k | negb_R (a t k)] = [set k | negb_R (a t' k)]).
Proof.
move=> H; have [t [tC te]] := @exists_in_C 1 2 c (ltn0Sn 1) set0 false.
have [u [uC ue]] := @exists_in_C 1 2 c (ltn0Sn 1) set0 true.
have := (H 1%N 2%N c t u (ltnSn 1) tC.1 uC.1).1 (all_joined tC.1 uC.1) => /setP/(_ ord0).
have k0 : ord0 \notin Equivalence.K c by rewrite no_pathological in_set0.
by rewrite !inE (te _ k0).1 (ue _ k0).1.
Qed.
End Mutants.
