"""Kernels in C++, compiled for the machine they run on when they are first used; torch does the same work without them.

A kernel is worth it where torch goes through memory several times between two products of matrices, or makes many
operations on few numbers. Each is a file of C++ that a compiler turns into a library once
(:mod:`numerics.native.compiler`), beside a module that calls it. The derivative of a loss and the change by a boost are
printed from SymPy (:mod:`numerics.native.printer`); sums are written out.
"""
