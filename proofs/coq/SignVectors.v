(* Sign vectors of length n (true encodes -1): two are permutations of each other exactly when their sums agree, and there
   are n + 1 classes. The counting behind Theorem 2 and Corollary 3 of Nurisso et al. *)
From mathcomp Require Import all_ssreflect fingroup perm all_algebra.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Open Scope ring_scope.

Section Signs.
Variable n : nat.
Implicit Types s t : n.-tuple bool.

Definition sg (b : bool) : int := if b then -1 else 1.
Definition ssum s : int := \sum_(b <- s) sg b.
Definition neg s : nat := count id s.

Lemma ssumE s : ssum s = n%:Z - ((neg s)%:Z + (neg s)%:Z).
Proof.
rewrite /ssum /neg -[in n%:Z](size_tuple s).
elim: (val s) => [|b l IH]; first by rewrite big_nil.
rewrite big_cons IH /= intS; case: b => /=; last by rewrite addrA.
by rewrite add1n intS (addrACA 1 _ 1) [in RHS]opprD [in RHS]addrACA.
Qed.

Lemma ssum_inj s t : (ssum s == ssum t) = (neg s == neg t).
Proof.
rewrite !ssumE; apply/eqP/eqP => [/addrI /oppr_inj|-> //].
by rewrite -!PoszD !addnn => -[/double_inj].
Qed.

Lemma perm_eq_bool s t : perm_eq s t = (neg s == neg t).
Proof.
apply/idP/eqP => [/seq.permP/(_ id)//|E].
apply/allP => b _ /=; apply/eqP.
have ct u : count_mem true u = count id u by apply: eq_count; case.
have cf (u : n.-tuple bool) : count_mem false u = (n - count id u)%N.
  have E2 : (count id u + count (predC id) u)%N = n by rewrite count_predC size_tuple.
  have -> : count_mem false u = count (predC id) u by apply: eq_count; case.
  by apply/esym/eqP; rewrite -{1}E2 addKn.
by case: b; rewrite ?ct ?cf -!/(neg _) E.
Qed.

(* two sign vectors are permutations of each other iff their sums agree *)
Theorem permuted_iff_sum s t :
  (exists p : 'S_n, t = [tuple tnth s (p i) | i < n]) <-> ssum t = ssum s.
Proof.
split=> [[p ->]|/eqP].
  by apply/eqP; rewrite ssum_inj -perm_eq_bool; apply/tuple_permP; exists p.
by rewrite ssum_inj -perm_eq_bool => /tuple_permP[p E]; exists p; apply/val_inj.
Qed.

(* the number of classes, i.e. of S_n-orbits on {-1,1}^n, i.e. of attained sums, is n + 1 *)
Definition orbit_rel : rel (n.-tuple bool) := fun s t => ssum s == ssum t.

Lemma card_preim_partition (T : finType) (rT : finType) (f : T -> rT) (D : {set T}) :
  #|preim_partition f D| = #|f @: D|.
Proof.
rewrite /preim_partition /equivalence_partition.
pose G (k : rT) := [set y in D | k == f y].
have -> : [set [set y in D | [rel x y | f x == f y] x y] | x in D] = G @: (f @: D).
  by rewrite -imset_comp.
rewrite card_in_imset // => k k' /imsetP[x xD ->] /imsetP[y yD ->] E.
have : x \in G (f x) by rewrite inE xD eqxx.
by rewrite E inE => /andP[_ /eqP].
Qed.

Lemma neg_lt s : (neg s < n.+1)%N.
Proof. by rewrite ltnS -[X in (_ <= X)%N](size_tuple s) count_size. Qed.
Definition negI s : 'I_n.+1 := Ordinal (neg_lt s).

Lemma neg_surj (k : 'I_n.+1) : exists s, negI s = k.
Proof.
have kn : (k <= n)%N by rewrite -ltnS.
have sz : size (nseq k true ++ nseq (n - k) false) == n.
  by rewrite size_cat !size_nseq subnKC.
exists (Tuple sz); apply/val_inj => /=.
by rewrite /neg /= count_cat !count_nseq /= mul1n mul0n addn0.
Qed.

Theorem number_of_orbits : #|equivalence_partition orbit_rel [set: n.-tuple bool]| = n.+1.
Proof.
transitivity #|preim_partition negI [set: n.-tuple bool]|.
  rewrite /preim_partition; congr #|pred_of_set _|.
  apply: eq_imset => s; apply/setP => t; rewrite !inE /=.
  by rewrite /orbit_rel ssum_inj -val_eqE.
rewrite card_preim_partition -[RHS]card_ord -cardsT; congr #|pred_of_set _|.
by apply/setP => k; rewrite inE; have [s <-] := neg_surj k; rewrite imset_f ?inE.
Qed.

Theorem number_of_sign_vectors : #|[set: n.-tuple bool]| = (2 ^ n)%N.
Proof. by rewrite cardsT card_tuple card_bool. Qed.
End Signs.

(** * Mutants *)
(* The count of classes, one less. *)
Theorem number_of_orbits_mutant_false :
  ~ (forall n, #|equivalence_partition (@orbit_rel n) [set: n.-tuple bool]| = n).
Proof. by move=> H; have := H 0%N; rewrite number_of_orbits. Qed.

(* Sums that agree up to sign. *)
Theorem permuted_iff_sum_mutant_false :
  ~ (forall n (s t : n.-tuple bool), (exists p : 'S_n, t = [tuple tnth s (p i) | i < n]) <-> ssum t = ssum s \/ ssum t = - ssum s).
Proof.
move=> H; have E : ssum [tuple false] = - ssum [tuple true] by rewrite /ssum !big_cons !big_nil.
have := (H 1%N [tuple true] [tuple false]).2 (or_intror E).
by move/permuted_iff_sum; rewrite /ssum !big_cons !big_nil.
Qed.
