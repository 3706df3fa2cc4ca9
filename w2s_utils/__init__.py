"""Shared code of the reference companion to *Quantifying the Gain in Weak-to-Strong Generalization*.

Layers, lowest first; a module imports only from layers below its own:

0. ``runtime`` (folders, seeds, threads, atomic files), ``misfit`` (the error triple and the theorems' inequalities),
   ``molecules`` (SMILES to descriptors and fingerprints)
1. ``projection`` (heads as convex classes), ``datasets`` (registry, checksum, splits, the embedded set)
2. ``representations`` (x -> h(x): random, pre-trained and perturbed networks)
3. ``protocol`` (weak fit, weak labels, strong fit, error triple)
4. ``results`` (rows, claims ledger), ``figures`` (one style for every figure)
5. ``report`` (the ledger as one HTML page), ``chain`` (run, verify and publish the notebooks)
"""
