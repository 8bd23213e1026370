(* Theorem 1 and Corollary 1 of Nurisso et al., as polynomials: the product of the factors of the quadrics, its value at 0
   (the number of components) and at 1 (the sum of all Betti numbers). That a sphere has the polynomial 1 + x^n, and
   Künneth's formula, are definitions here, not theorems. *)
From mathcomp Require Import all_ssreflect all_algebra.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Open Scope ring_scope.

Section Poincare.
Variables (R : realDomainType) (l d e : nat) (c : 'I_l -> R).

(* factor of one neuron, Eq. (20) *)
Definition pQ (x : R) : {poly int} :=
  if x > 0 then 1 + 'X^(d.-1) else if x < 0 then 1 + 'X^(e.-1) else 1.
Definition lp := #|[pred k | c k > 0]|.
Definition ln := #|[pred k | c k < 0]|.
Definition pH : {poly int} := \prod_k pQ (c k).

Theorem poincare_product : pH = (1 + 'X^(d.-1)) ^+ lp * (1 + 'X^(e.-1)) ^+ ln.
Proof.
rewrite /pH (bigID (fun k => c k > 0)) /=; congr (_ * _).
  by rewrite (eq_bigr (fun=> 1 + 'X^(d.-1))) ?prodr_const // => k; rewrite /pQ => ->.
rewrite (bigID (fun k => c k < 0)) /= mulrC big1 ?mul1r; last first.
  by move=> k /andP[/negPf p /negPf q]; rewrite /pQ p q.
rewrite (eq_bigr (fun=> 1 + 'X^(e.-1))) ?prodr_const; last first.
  by move=> k /andP[/negPf p q]; rewrite /pQ p q.
congr (_ ^+ _); apply: eq_card => k; rewrite !inE.
by rewrite unfold_in /=; case: (ltgtP (c k) 0).
Qed.

Lemma one_at0 n : (1 + 'X^n : {poly int}).[0] = if n == 0%N then 2 else 1.
Proof.
by rewrite hornerD hornerXn hornerE expr0n; case: (n == 0%N); rewrite ?addr0.
Qed.

(* beta_0 = p(0), Corollary 1 *)
Theorem number_of_components_at_0 : (0 < d)%N -> (0 < e)%N ->
  pH.[0] = (if d == 1%N then 2 ^+ lp else 1) * (if e == 1%N then 2 ^+ ln else 1).
Proof.
move=> d0 e0; rewrite poincare_product hornerM !horner_exp !one_at0.
have dE : (d.-1 == 0)%N = (d == 1%N) by case: d d0.
have eE : (e.-1 == 0)%N = (e == 1%N) by case: e e0.
by rewrite dE eE; case: (d == 1%N); case: (e == 1%N); rewrite ?expr1n.
Qed.

(* Euler characteristic p(-1), and total Betti number p(1) = 2 ^ (l_+ + l_-) *)
Theorem total_betti_at_1 : pH.[1] = 2 ^+ (lp + ln).
Proof.
by rewrite poincare_product hornerM !horner_exp !hornerD !hornerXn !expr1n hornerE exprD.
Qed.
End Poincare.

(** * Mutants *)
Section Mutants.
Let c (k : 'I_1) : int := 1.

Lemma one_positive : (lp c = 1%N) * (ln c = 0%N).
Proof.
by rewrite /lp /ln; split; [rewrite -[RHS](card_ord 1) | apply: eq_card0 => k]; [apply: eq_card => k|]; rewrite !inE.
Qed.

(* The dimensions exchanged. *)
Theorem poincare_product_mutant_false :
  ~ (forall (l d e : nat) (c : 'I_l -> int), pH d e c = (1 + 'X^(e.-1)) ^+ lp c * (1 + 'X^(d.-1)) ^+ ln c).
Proof.
move=> H; have := H 1%N 1%N 2%N c; rewrite poincare_product !one_positive !expr1 !expr0 !mulr1.
by move=> /(congr1 (fun p : {poly int} => p.[0])); rewrite !hornerE.
Qed.

(* 2^(l_-) components whatever the dimensions. *)
Theorem number_of_components_at_0_mutant_false :
  ~ (forall (l d e : nat) (c : 'I_l -> int), (0 < d)%N -> (0 < e)%N -> (pH d e c).[0] = 2 ^+ ln c).
Proof.
move=> H; have := H 1%N 1%N 1%N c isT isT.
by rewrite number_of_components_at_0 // !one_positive !expr0 mulr1.
Qed.

(* Neurons with c = 0 counted as well. *)
Theorem total_betti_at_1_mutant_false :
  ~ (forall (l d e : nat) (c : 'I_l -> int), (pH d e c).[1] = 2 ^+ l).
Proof.
pose z (k : 'I_1) : int := 0; move=> H; have := H 1%N 1%N 1%N z; rewrite total_betti_at_1.
have -> : lp z = 0%N by apply: eq_card0 => k; rewrite !inE.
by have -> : ln z = 0%N by apply: eq_card0 => k; rewrite !inE.
Qed.
End Mutants.
