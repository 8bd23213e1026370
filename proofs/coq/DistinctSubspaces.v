(* Theorem 3.1 of Simsek et al., the count: different marked partitions give different affine subspaces of
   parameters of m neurons, so that there are T(r, m) of them.  The old network has r neurons with pairwise
   different incoming weights w_i, vectors of an infinite space V, and outgoing weights a_i in a space U. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Quadrics Require Import MarkedPartitions.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

(* The subspace of a configuration: the neurons in the block of label i have incoming weights w_i and
   outgoing weights of sum a_i; those in a block without a label share their incoming weights, and their
   outgoing weights cancel. *)
Definition subspace (V : eqType) (U : zmodType) r m (w : 'I_r -> V) (a : 'I_r -> U)
    (c : {set {set 'I_m}} * {ffun 'I_r -> {set 'I_m}}) (wt : 'I_m -> V) (out : 'I_m -> U) : Prop :=
  (forall i x, x \in c.2 i -> wt x = w i) /\
  (forall i, \sum_(x in c.2 i) out x = a i) /\
  (forall B, B \in c.1 -> (forall i, c.2 i != B) ->
     (forall x y, x \in B -> y \in B -> wt x = wt y) /\ \sum_(x in B) out x = 0).

Section Subspaces.
Variables (V : eqType) (U : zmodType) (r m : nat).
Variables (w : 'I_r -> V) (a : 'I_r -> U).
Hypothesis w_inj : injective w.

(* m vectors that are different from each other and from the old weights. *)
Variable fresh : 'I_m -> V.
Hypothesis fresh_inj : injective fresh.
Hypothesis fresh_new : forall x i, fresh x <> w i.

Implicit Types (c : {set {set 'I_m}} * {ffun 'I_r -> {set 'I_m}}).
Notation block c x := (pblock c.1 x).

Lemma configurationP c : c \in configurations r m ->
  [/\ forall x, block c x \in c.1, forall x, x \in block c x,
      forall B x, B \in c.1 -> x \in B -> block c x = B,
      forall B, B \in c.1 -> exists x, x \in B & injective c.2 /\ forall i, c.2 i \in c.1].
Proof.
rewrite inE => /and3P[/and3P[/eqP c_cover triv c0] /injectiveP b_inj /forallP bP].
split=> //.
- by move=> x; rewrite pblock_mem // c_cover.
- by move=> x; rewrite mem_pblock c_cover.
- by move=> B x BP xB; exact: def_pblock.
- by move=> B BP; apply/set0Pn; apply: contraNneq c0 => <-.
Qed.

(* A point of the subspace whose incoming weights tell all blocks apart, labelled or not. *)
Lemma generic_point c : c \in configurations r m -> exists wt out,
  subspace w a c wt out /\
  (forall x y, wt x = wt y -> block c x = block c y) /\
  (forall x i, wt x = w i -> x \in c.2 i).
Proof.
move=> /configurationP[blockP in_block blockE block_ne [b_inj bP]].
have [rep repP] : exists rep : 'I_r -> 'I_m, forall i, rep i \in c.2 i.
  exact: (fin_all_exists (fun i => block_ne _ (bP i))).
have [elt eltP] : exists elt : 'I_m -> 'I_m, forall x,
    elt x \in block c x /\ forall y, block c x = block c y -> elt x = elt y.
  exists (fun x => odflt x [pick z in block c x]) => x; split.
    by case: pickP => //= /(_ x); rewrite in_block.
  by move=> y E; rewrite -E; case: pickP => //= /(_ x); rewrite in_block.
pose wt x := if [pick i | c.2 i == block c x] is Some i then w i else fresh (elt x).
have wt_lab i x : x \in c.2 i -> wt x = w i.
  move=> xi; rewrite /wt (blockE (c.2 i)) //; case: pickP => [j /eqP/b_inj -> //|/(_ i)].
  by rewrite eqxx.
exists wt, (fun x => \sum_(i | rep i == x) a i); split; [split; [exact: wt_lab|split]|split].
- move=> i; rewrite (bigD1 (rep i)) //= [X in _ + X]big1 ?addr0.
    rewrite (big_pred1 i) // => j; apply/eqP/eqP => [E|-> //]; apply: b_inj.
    by rewrite -(blockE _ _ (bP j) (repP j)) E; apply: blockE.
  move=> x /andP[xi ne]; rewrite big_pred0 // => j; apply: contraNF ne => /eqP E.
  rewrite -E; have -> // : j = i; apply: b_inj.
  by rewrite -(blockE _ _ (bP j) (repP j)) E; apply: blockE.
- move=> B BP unl; split.
    move=> x y xB yB; rewrite /wt (blockE B x) // (blockE B y) //.
    case: pickP => [i /eqP E|_]; first by have := unl i; rewrite E eqxx.
    by congr fresh; apply: (eltP x).2; rewrite (blockE B x) // (blockE B y).
  rewrite big1 // => x xB; rewrite big_pred0 // => i; apply/eqP => E; have := unl i.
  by rewrite -(blockE _ _ (bP i) (repP i)) E (blockE B) // eqxx.
- move=> x y; rewrite /wt; case: pickP => [i /eqP <-|_]; case: pickP => [j /eqP <-|_].
  + by move/w_inj => ->.
  + by move=> /esym/fresh_new.
  + by move/fresh_new.
  + move/fresh_inj => E.
    by rewrite -(blockE _ _ (blockP x) (eltP x).1) E; apply: blockE (blockP y) (eltP y).1.
- move=> x i; rewrite /wt; case: pickP => [j /eqP E /w_inj <-|_ /fresh_new //].
  by rewrite E.
Qed.

Lemma refines c c' : c \in configurations r m -> c' \in configurations r m ->
  (forall wt out, subspace w a c wt out -> subspace w a c' wt out) ->
  (forall B', B' \in c'.1 -> exists2 B, B \in c.1 & B' \subset B) /\ forall i, c'.2 i \subset c.2 i.
Proof.
move=> cP c'P sub; have [wt [out [/sub[lab [_ unl]] [apart labelled]]]] := generic_point cP.
have [blockP in_block _ _ _] := configurationP cP.
have [_ _ _ block_ne' _] := configurationP c'P.
split=> [B' B'P|i]; last by apply/subsetP => x xi; apply: labelled; exact: lab xi.
have [x xB'] := block_ne' _ B'P; exists (block c x) => //; apply/subsetP => y yB'.
suff /apart -> : wt x = wt y by exact: in_block.
case: (pickP (fun i => c'.2 i == B')) => [i /eqP E|none].
  by rewrite (lab i x) ?E // (lab i y) ?E.
by apply: (unl B' B'P _).1 => // i; rewrite none.
Qed.

Theorem distinct_subspaces c c' : c \in configurations r m -> c' \in configurations r m ->
  (forall wt out, subspace w a c wt out <-> subspace w a c' wt out) -> c = c'.
Proof.
move=> cP c'P E.
have [ref lab] := refines cP c'P (fun wt out => (E wt out).1).
have [ref' lab'] := refines c'P cP (fun wt out => (E wt out).2).
have finer c1 c2 : c1 \in configurations r m -> c2 \in configurations r m ->
    (forall B, B \in c2.1 -> exists2 D, D \in c1.1 & B \subset D) ->
    (forall B, B \in c1.1 -> exists2 D, D \in c2.1 & B \subset D) -> c2.1 \subset c1.1.
  move=> c1P c2P f g; have [_ _ blockE block_ne _] := configurationP c2P.
  apply/subsetP => B BP; have [D DP BD] := f _ BP; have [B2 B2P DB2] := g _ DP.
  have [x xB] := block_ne _ BP.
  have B2E : B2 = B by rewrite -(blockE _ x BP xB); apply/esym/blockE => //; apply/(subsetP DB2)/(subsetP BD).
  by have -> : B = D by apply/eqP; rewrite eqEsubset BD -B2E DB2.
case: c c' cP c'P {E} ref lab ref' lab' => P b [P' b'] cP c'P /= ref lab ref' lab'; congr (_, _).
  by apply/eqP; rewrite eqEsubset (finer _ _ c'P cP) // (finer _ _ cP c'P).
by apply/ffunP => i; apply/eqP; rewrite eqEsubset lab lab'.
Qed.
End Subspaces.

(* Without enough different vectors they coincide: here V and U have one element each, and T(0, 2) = 2. *)
Theorem distinct_subspaces_mutant_false :
  ~ (forall (V : eqType) (U : zmodType) r m (w : 'I_r -> V) (a : 'I_r -> U), injective w ->
      forall c c', c \in configurations r m -> c' \in configurations r m ->
      (forall wt out, subspace w a c wt out <-> subspace w a c' wt out) -> c = c').
Proof.
move=> H; pose w (i : 'I_0) := tt; pose a (i : 'I_0) : 'rV[int]_0 := 0.
have all_points c wt out : @subspace _ _ 0 2 w a c wt out.
  split; first by case.
  split; first by case.
  by move=> B _ _; split=> [x y _ _|]; [case: (wt x) (wt y) => [] [] | rewrite thinmx0].
have : (T 0 2 <= 1)%N.
  apply/card_le1_eqP => c c' cP c'P; apply: (H _ _ _ _ w a _ _ _ c'P cP) => [[] //|wt out].
  by split=> _; exact: all_points.
by rewrite !T_recurrence !T_m0.
Qed.
