(* Forward differences (Simsek et al., appendix, Definition B.2, eqs. (8) to (10)): the r-th difference of a
   function at x as an alternating sum, and G(r, m) as the r-th difference of x^m at 0. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Quadrics Require Import Surjections IteratedMultinomials.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.

Definition difference (f : nat -> int) (x : nat) : int := f x.+1 - f x.

(* The r-th difference is sum_i (-1)^(r-i) C(r, i) f(x + i). *)
Theorem iterated_difference r f x :
  iter r difference f x = \sum_(i < r.+1) ((-1) ^+ (r - i) * f (x + i)%N) *+ 'C(r, i).
Proof.
elim: r x => [|r IH] x; first by rewrite big_ord_recl big_ord0 addr0 /= expr0 mul1r mulr1n addn0.
rewrite iterS /difference !IH [in RHS]big_ord_recl subn0 bin0 mulr1n /=.
under [in RHS]eq_bigr => i _ do rewrite /bump leq0n add1n subSS binS mulrnDr.
rewrite [in RHS]big_split /= addrA [RHS]addrC; congr (_ + _).
  by apply: eq_bigr => i _; rewrite addSnnS.
rewrite [in RHS]big_ord_recr /= (@bin_small r r.+1) // mulr0n addr0.
rewrite [in LHS]big_ord_recl subn0 bin0 mulr1n opprD exprS mulN1r mulNr; congr (_ + _).
rewrite -sumrN; apply: eq_bigr => i _.
by rewrite lift0 -(subnSK (ltn_ord i)) exprS mulN1r mulNr mulNrn.
Qed.

(* Without the binomials the formula is false. *)
Theorem iterated_difference_mutant_false :
  ~ (forall r f x, iter r difference f x = \sum_(i < r.+1) (-1) ^+ (r - i) * f (x + i)%N).
Proof.
move=> /(_ 2%N (fun=> 1) 0%N) /=; rewrite /difference !big_ord_recl big_ord0 /=.
by vm_compute.
Qed.

(* G(r, m) is the r-th difference of x^m at 0. *)
Theorem G_difference r m : (G r m)%:R = iter r difference (fun x => (x ^ m)%:R) 0%N.
Proof. by rewrite iterated_difference G_inclusion_exclusion. Qed.

Theorem G_difference_mutant_false :
  ~ (forall r m, (G r m)%:R = iter r difference (fun x => (x ^ m)%:R) 1%N).
Proof. by move=> /(_ 0%N 1%N); rewrite G_0. Qed.
