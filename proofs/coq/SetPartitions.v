(* Set partitions and their blocks: the Stirling numbers of the second kind count the partitions of
   [m] into k blocks; G(r, m) = r! S(m, r) (Simsek et al., Proposition 4.5; appendix, eq. (6)), and
   the Stirling numbers obey their recurrence. *)
From mathcomp Require Import all_ssreflect.
From Quadrics Require Import Surjections IteratedMultinomials.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

(* The partitions of [m] into k blocks, and their number. *)
Definition partitions m k := [set P : {set {set 'I_m}} | partition P [set: 'I_m] & #|P| == k].
Definition Stirling m k := #|partitions m k|.

(* The ways to write r different labels on different members of the family P. *)
Definition labellings r m (P : {set {set 'I_m}}) :=
  [set b : {ffun 'I_r -> {set 'I_m}} in ffun_on (mem P) | injectiveb b].

Lemma card_labellings r m (P : {set {set 'I_m}}) : #|labellings r P| = #|P| ^_ r.
Proof. by rewrite card_inj_ffuns_on card_ord. Qed.

(* Ordered partitions: r nonempty disjoint blocks that cover [m], in a row. *)
Definition ordered r m :=
  [set b : {ffun 'I_r -> {set 'I_m}} | injectiveb b & partition (b @: setT) [set: 'I_m]].

(* A map of [m] onto [r] is the row of its fibres. *)
Lemma G_ordered r m : G r m = #|ordered r m|.
Proof.
pose phi (s : {ffun 'I_m -> 'I_r}) := [ffun j => [set x | s x == j]].
have phi_inj : injective phi.
  move=> s s' E; apply/ffunP => x; apply/esym/eqP.
  by have /ffunP/(_ (s x))/setP/(_ x) := E; rewrite !ffunE !inE eqxx => <-.
rewrite /G -(card_imset _ phi_inj); congr #|pred_of_set _|; apply/setP => b; rewrite [RHS]inE.
apply/imsetP/andP => [[s]|[/injectiveP b_inj b_part]].
  rewrite inE => /forallP s_onto ->.
  have fibre i : exists x, s x = i by have /codomP[x] := s_onto i; exists x.
  split; first apply/injectiveP => i j.
    by have [x <-] := fibre i; move/setP/(_ x); rewrite !ffunE !inE eqxx => /esym/eqP.
  apply/and3P; split.
  - rewrite eqEsubset subsetT; apply/subsetP => x _; apply/bigcupP.
    by exists (phi s (s x)); [exact: imset_f | rewrite ffunE inE].
  - apply/trivIsetP => A B /imsetP[i _ ->] /imsetP[j _ ->] ij.
    rewrite -setI_eq0; apply/eqP/setP => x; rewrite !ffunE !inE.
    by apply/negbTE/andP => -[/eqP si /eqP sj]; move: ij; rewrite -si -sj eqxx.
  - apply/imsetP => -[i _ /setP]; have [x <-] := fibre i.
    by move/(_ x); rewrite !ffunE !inE eqxx.
have /and3P[/eqP b_cover /trivIsetP b_triv b_nonempty] := b_part.
have block x : exists i, x \in b i.
  have : x \in cover (b @: setT) by rewrite b_cover.
  by case/bigcupP => _ /imsetP[i _ ->]; exists i.
have [s s_block] := fin_all_exists block.
have s_eq x i : x \in b i -> s x = i.
  move=> xi; apply: contraTeq xi => ne.
  have /b_triv : b (s x) \in b @: setT by apply: imset_f.
  move/(_ (b i)); rewrite imset_f // (inj_eq b_inj) => /(_ isT ne).
  by move/disjointFr => /(_ x (s_block x)) ->.
exists (finfun s).
  rewrite inE; apply/forallP => i; apply/codomP.
  have /set0Pn[x xi] : b i != set0.
    by apply: contraNneq b_nonempty => <-; apply: imset_f.
  by exists x; rewrite ffunE (s_eq _ _ xi).
apply/ffunP => i; apply/setP => x; rewrite ffunE inE ffunE.
by apply/idP/eqP => [/s_eq|<-].
Qed.

(* G(r, m) = r! S(m, r): each partition into r blocks can be put in a row in r! ways. *)
Theorem G_Stirling r m : G r m = r`! * Stirling m r.
Proof.
rewrite G_ordered -sum1_card.
rewrite (partition_big (fun b : {ffun 'I_r -> {set 'I_m}} => b @: setT) (mem (partitions m r))) /=.
  rewrite mulnC -sum_nat_const; apply: eq_bigr => P; rewrite inE => /andP[P_part /eqP P_card].
  rewrite sum1dep_card; transitivity #|labellings r P|; last by rewrite card_labellings P_card ffactnn.
  apply: eq_card => b; rewrite !inE.
  apply/andP/andP => [[/andP[-> _] /eqP bP]|[/ffun_onP bP b_inj]].
    by split=> //; apply/ffun_onP => i; rewrite -bP imset_f.
  have E : b @: setT = P.
    apply/eqP; rewrite eqEcard; apply/andP; split.
      by apply/subsetP => _ /imsetP[i _ ->].
    by rewrite card_imset ?cardsT ?card_ord ?P_card //; apply/injectiveP.
  by rewrite b_inj E.
move=> b; rewrite !inE => /andP[/injectiveP b_inj ->] /=.
by rewrite card_imset // cardsT card_ord.
Qed.

(* Without the factor r! the two counts differ. *)
Theorem G_Stirling_mutant_false : ~ (forall r m, G r m = Stirling m r).
Proof.
move=> /(_ 2 2) E; have := G_Stirling 2 2; rewrite -E G_diagonal.
by [].
Qed.

Lemma Stirling_0 m : Stirling m 0 = (m == 0).
Proof. by have := G_Stirling 0 m; rewrite G_0 mul1n. Qed.

Lemma Stirling_small m k : m < k -> Stirling m k = 0.
Proof.
move=> mk; apply/eqP; have := G_Stirling k m; rewrite G_small // => /esym/eqP.
by rewrite muln_eq0 eqn0Ngt fact_gt0.
Qed.

Lemma Stirling_diagonal m : Stirling m m = 1.
Proof.
by apply/eqP; rewrite -(eqn_pmul2l (fact_gt0 m)) -G_Stirling G_diagonal muln1.
Qed.

(* S(m + 1, k + 1) = (k + 1) S(m, k + 1) + S(m, k): the last element joins a block or is one. *)
Theorem Stirling_recurrence m k :
  Stirling m.+1 k.+1 = k.+1 * Stirling m k.+1 + Stirling m k.
Proof.
apply/eqP; rewrite -(eqn_pmul2l (fact_gt0 k.+1)) -G_Stirling G_recurrence !G_Stirling.
by rewrite factS -!mulnA eqn_mul2l /= [in X in _ == X]mulnDr mulnCA.
Qed.

(* With the factor k in place of k + 1 the recurrence is false. *)
Theorem Stirling_recurrence_mutant_false :
  ~ (forall m k, Stirling m.+1 k.+1 = k * Stirling m k.+1 + Stirling m k).
Proof. by move=> /(_ 1 0); rewrite Stirling_recurrence Stirling_diagonal Stirling_0. Qed.
