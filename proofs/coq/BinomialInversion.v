(* Binomial inversion over the integers: a sequence and its binomial transform
   determine each other.  Auxiliary to the count of surjections. *)
From mathcomp Require Import all_ssreflect all_algebra.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.

(* The number of flags of an l-subset inside an i-subset of an n-set, counted in two orders. *)
Lemma bin_trinomial n i l : l <= i <= n -> 'C(n, i) * 'C(i, l) = 'C(n, l) * 'C(n - l, i - l).
Proof.
move=> /andP[li iN]; have lN := leq_trans li iN.
have P : 0 < l`! * (i - l)`! * (n - i)`! by rewrite !muln_gt0 !fact_gt0.
apply/eqP; rewrite -(eqn_pmul2r P); apply/eqP.
have e1 := bin_fact iN; have e2 := bin_fact li; have e3 := bin_fact lN.
have e4 : 'C(n - l, i - l) * ((i - l)`! * (n - i)`!) = (n - l)`!.
  by rewrite -(@bin_fact (n - l) (i - l)) ?leq_sub2r // subnBA // subnK.
transitivity n`!.
  by rewrite -e1 -e2 !mulnA.
by rewrite -e3 -e4 !mulnA; congr (_ * _); rewrite -!mulnA; congr (_ * _); rewrite mulnCA.
Qed.

Local Open Scope ring_scope.

(* (1 - 1)^n, expanded. *)
Lemma alt_sum n : \sum_(0 <= j < n.+1) (-1) ^+ (n - j) *+ 'C(n, j) = (n == 0%N)%:R :> int.
Proof.
rewrite big_mkord -[RHS]expr0n -[X in X ^+ n](addNr (1 : int)) exprDn.
by apply: eq_bigr => j _; rewrite expr1n mulr1.
Qed.

(* The two triangular matrices of binomials are inverse to each other. *)
Lemma bin_orth n l : (l <= n)%N ->
  \sum_(0 <= i < n.+1) (-1) ^+ (n - i) *+ ('C(n, i) * 'C(i, l)) = (n == l)%:R :> int.
Proof.
move=> lN; rewrite (@big_cat_nat _ _ _ l) //=; last by apply: leqW.
rewrite big_nat_cond big1 ?add0r; last first.
  by move=> i /andP[/andP[_ il] _]; rewrite (bin_small il) muln0.
rewrite -{1}[l]add0n big_addn subSn //.
rewrite (eq_big_nat _ _ (F2 := fun j => ((-1) ^+ (n - l - j) *+ 'C(n - l, j)) *+ 'C(n, l))); last first.
  move=> j /andP[_ jn]; rewrite ltnS in jn.
  rewrite bin_trinomial ?leq_addl ?addnK 1?addnC -?leq_subRL //.
  by rewrite -mulrnA mulnC subnDA.
rewrite sumrMnl alt_sum subn_eq0 eqn_leq lN andbT.
case: (ltnP l n) => nl; first by rewrite mul0rn.
by have -> : n = l; [apply/eqP; rewrite eqn_leq nl lN | rewrite binn].
Qed.

(* If a_n = sum_l C(n, l) b_l for all n, then b_n = sum_i (-1)^(n-i) C(n, i) a_i for all n. *)
Theorem bin_inversion (a b : nat -> int) :
  (forall n, a n = \sum_(l < n.+1) b l *+ 'C(n, l)) ->
  forall n, b n = \sum_(i < n.+1) ((-1) ^+ (n - i) * a i) *+ 'C(n, i).
Proof.
move=> H n.
transitivity (\sum_(i < n.+1) \sum_(l < n.+1) b l * ((-1) ^+ (n - i) *+ ('C(n, i) * 'C(i, l)))).
  rewrite exchange_big /= [LHS](_ : _ = \sum_(l < n.+1) b l * (n == l)%:R).
    apply: eq_bigr => l _; rewrite -mulr_sumr; congr (_ * _).
    by rewrite -bin_orth ?leq_ord // big_mkord.
  rewrite (bigD1 ord_max) //= eqxx mulr1 big1 ?addr0 // => i ni.
  by rewrite eq_sym (_ : (i == n :> nat) = false) ?mulr0 //; apply/negbTE.
apply: eq_bigr => i _; rewrite H.
rewrite (big_ord_widen n.+1 (fun l => b l *+ 'C(i, l))) //.
rewrite mulr_sumr -sumrMnl [RHS]big_mkcond /=; apply: eq_bigr => l _.
case: ltnP => li; last by rewrite (bin_small li) muln0 mulr0n mulr0.
by rewrite -!mulrnAr mulrC -mulrnA mulrnAl -mulrnAr mulnC; congr (_ * _).
Qed.

(* Without the signs the inversion fails. *)
Theorem bin_inversion_mutant_false :
  ~ (forall a b : nat -> int,
      (forall n, a n = \sum_(l < n.+1) b l *+ 'C(n, l)) ->
      forall n, b n = \sum_(i < n.+1) a i *+ 'C(n, i)).
Proof.
move=> H; have {H} := H (fun n => \sum_(l < n.+1) (val l == 0%N)%:R *+ 'C(n, l)) (fun l => (l == 0%N)%:R).
move=> /(_ (fun=> erefl) 1%N); rewrite 2!big_ord_recl big_ord0 /=.
by rewrite big_ord1 2!big_ord_recl big_ord0 => /eqP.
Qed.
