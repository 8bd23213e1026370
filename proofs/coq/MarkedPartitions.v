(* T(r, m), the number of affine subspaces of the expansion of r neurons to m (Simsek et al., Theorem 3.1,
   Proposition 4.5; appendix, eqs. (4), (13)), as a count: the partitions of the m neurons in which r
   different blocks carry the labels of the r old neurons, and the other blocks (the neurons that are
   switched off together) carry none. *)
From mathcomp Require Import all_ssreflect.
From Quadrics Require Import Surjections IteratedMultinomials SetPartitions.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

(* A partition of [m], and the block of each label: pairwise different blocks. *)
Definition configurations r m :=
  [set c : {set {set 'I_m}} * {ffun 'I_r -> {set 'I_m}} |
    [&& partition c.1 [set: 'I_m], injectiveb c.2 & [forall i, c.2 i \in c.1]]].
Definition T r m := #|configurations r m|.

Lemma T_falling r m :
  T r m = \sum_(P : {set {set 'I_m}} | partition P [set: 'I_m]) #|P| ^_ r.
Proof.
rewrite /T -sum1_card (partition_big (fun c => c.1) (fun P => partition P [set: 'I_m])) /=; last first.
  by move=> c; rewrite inE => /and3P[].
apply: eq_bigr => P P_part; rewrite sum1dep_card -card_labellings.
have pair_inj : injective (fun b : {ffun 'I_r -> {set 'I_m}} => (P, b)) by move=> b b' [].
rewrite -(card_imset _ pair_inj); congr #|pred_of_set _|; apply/setP => -[Q b]; rewrite !inE /=.
apply/andP/imsetP => [[/and3P[_ b_inj /forallP bQ] /eqP QP]|[b']].
  by exists b; rewrite ?QP // inE b_inj andbT; apply/ffun_onP => i; rewrite -QP.
rewrite inE => /andP[/ffun_onP b'P b'_inj] [-> ->]; rewrite P_part b'_inj eqxx; split=> //=.
by apply/forallP.
Qed.

Lemma card_blocks m (P : {set {set 'I_m}}) : partition P [set: 'I_m] -> #|P| <= m.
Proof.
move=> P_part; rewrite -[X in _ <= X](card_ord m) -cardsT (card_partition P_part) -sum1_card.
apply: leq_sum => A AP; rewrite lt0n cards_eq0; apply: contraTneq AP => ->.
by rewrite (partition0 P_part).
Qed.

(* T(r, m) = sum_k S(m, k) k (k - 1) ... (k - r + 1). *)
Theorem T_Stirling r m : T r m = \sum_(k < m.+1) Stirling m k * k ^_ r.
Proof.
have lt (P : {set {set 'I_m}}) : minn #|P| m < m.+1 by rewrite ltnS geq_minr.
rewrite T_falling (partition_big (fun P : {set {set 'I_m}} => Ordinal (lt P)) predT) //=.
apply: eq_bigr => k _; rewrite /Stirling -sum_nat_const; apply: eq_big => P.
  rewrite inE -val_eqE /=; case: (boolP (partition _ _)) => //= P_part.
  by rewrite (minn_idPl (card_blocks P_part)).
by case/andP=> P_part /eqP <- /=; rewrite (minn_idPl (card_blocks P_part)).
Qed.

(* Blocks without a label must be counted: the maps onto [r] alone are too few. *)
Theorem T_Stirling_mutant_false : ~ (forall r m, T r m = Stirling m r * r ^_ r).
Proof.
move=> /(_ 0 1); rewrite T_Stirling 2!big_ord_recl big_ord0 /=.
by rewrite Stirling_0 Stirling_diagonal.
Qed.

Lemma ffact_mul k r : k * k ^_ r = r * k ^_ r + k ^_ r.+1.
Proof.
rewrite ffactnSr; case: (leqP r k) => rk; last by rewrite ffact_small // !muln0.
by rewrite [in RHS]mulnC -mulnDr subnKC // mulnC.
Qed.

Lemma ffact_succ k r : k.+1 ^_ r = r * k ^_ r.-1 + k ^_ r.
Proof.
case: r => [|r] //=; rewrite ffactSS ffactnSr.
case: (leqP r k) => rk; last by rewrite ffact_small // !muln0.
by rewrite [in RHS]mulnC -mulnDr addSn subnKC // mulnC.
Qed.

(* T(r, m + 1) = r T(r - 1, m) + (r + 1) T(r, m) + T(r + 1, m). *)
Theorem T_recurrence r m : T r m.+1 = r * T r.-1 m + r.+1 * T r m + T r.+1 m.
Proof.
have step (k : nat) : Stirling m k * (k * k ^_ r + k.+1 ^_ r) =
    r * (Stirling m k * k ^_ r.-1) + r.+1 * (Stirling m k * k ^_ r) + Stirling m k * k ^_ r.+1.
  rewrite ffact_mul ffact_succ ![_ * (Stirling m k * _)]mulnCA -!mulnDr; congr (_ * _).
  by move: (k ^_ r) (k ^_ r.-1) (k ^_ r.+1) => x y z; rewrite mulSn [r * y + (_ + _)]addnA -[RHS]addnA addnC.
rewrite !T_Stirling !big_distrr /= -!big_split /=; under [RHS]eq_bigr => k _ do rewrite -step.
rewrite big_ord_recl Stirling_0 mul0n add0n.
under [LHS]eq_bigr => k _ do rewrite lift0 Stirling_recurrence mulnDl.
under [RHS]eq_bigr => k _ do rewrite mulnDr.
rewrite !big_split /=; congr (_ + _).
transitivity (\sum_(k < m.+2) k * Stirling m k * k ^_ r).
  by rewrite [RHS]big_ord_recl mul0n add0n; apply: eq_bigr => k _; rewrite lift0.
rewrite big_ord_recr /= Stirling_small // muln0 mul0n addn0.
by apply: eq_bigr => k _; rewrite mulnCA mulnA.
Qed.

(* With the factor r in place of r + 1 the recurrence is false. *)
Theorem T_recurrence_mutant_false :
  ~ (forall r m, T r m.+1 = r * T r.-1 m + r * T r m + T r.+1 m).
Proof.
move=> /(_ 0 0) H; have := T_recurrence 0 0; rewrite H !mul0n !add0n mul1n.
by rewrite -[X in X = _]add0n => /eqP; rewrite eqn_add2r T_Stirling big_ord_recl big_ord0 Stirling_0.
Qed.

Lemma T_m0 r : T r 0 = (r == 0).
Proof. by rewrite T_Stirling big_ord_recl big_ord0 Stirling_0 addn0 mul1n ffact0n. Qed.

(* More labels than neurons: no configuration. *)
Lemma T_small r m : m < r -> T r m = 0.
Proof.
move=> mr; rewrite T_Stirling big1 // => k _.
by rewrite ffact_small ?muln0 //; apply: leq_trans mr.
Qed.

(* T(r, r) = r!: every neuron carries its own label. *)
Theorem T_diagonal r : T r r = r`!.
Proof.
rewrite T_Stirling big_ord_recr /= Stirling_diagonal mul1n ffactnn big1 // => k _.
by rewrite ffact_small ?muln0.
Qed.

Theorem T_diagonal_mutant_false : ~ (forall r, T r r = r.+1`!).
Proof. by move=> /(_ 1); rewrite T_diagonal. Qed.
