"""Shared code of the reference companion to *Quantifying the Gain in Weak-to-Strong Generalization*.

Layers, lowest first; a module imports only from layers below its own:

0. ``runtime`` (folders, seeds, threads, atomic files), ``certificate`` (a mean gain from few true labels), ``gram`` (sums over
   rows that can be added), ``head`` (what all heads share), ``regression_data`` (a checked data set), ``report_page`` (the
   report's template), ``formulas`` (TeX to MathML), ``dependencies`` (what a Python file depends on, by reading it)
1. ``misfit`` (the error triple, the theorems' inequalities, the gain certificate), ``spectrum`` (what a linear head needs of
   its features), ``molecules`` (SMILES to descriptors and fingerprints), ``registry`` (outside files by name and checksum),
   ``splits`` (split files to row numbers), ``stamps`` (what a notebook's result depends on), ``tokenizer`` (SMILES to token
   numbers), ``table_files`` (a file of somebody else to named columns), ``notebook_html`` (an executed notebook as HTML),
   ``site_page`` (the site's templates)
2. ``projection`` (heads as convex classes), ``ranking`` (which weak model should label, or how many labels would tell),
   ``representations`` (x -> h(x): random, pre-trained and perturbed networks), ``datasets`` (the real sets and the generated
   one), ``standardisation`` (any SMILES to the one form that is pre-trained on), ``molbert`` (molecular transformers),
   ``prepared`` (the one file that pre-training reads), ``column_checks`` (what people get wrong about columns, each in one
   sentence)
3. ``protocol`` (weak fit, weak labels, strong fit, error triple), ``released`` (heads trained as the released notebook does),
   ``partitions`` (heads and certificates over the partitions of a Dask cluster), ``head_benchmark`` (our heads against other
   ways to solve for them), ``corpus`` (public molecules, merged),
   ``batches`` (what one step of pre-training sees), ``shipped`` (pre-trained representations that come with the repository),
   ``your_data`` (columns to one checked data set)
4. ``crossfit`` (features on one scale, and parts for sets of few rows), ``results`` (rows, claims ledger), ``figures``
   (one style for every figure), ``synthetic`` (the paper's Figure 2(a)-(c)), ``preparation`` (the corpus as token numbers and
   descriptors), ``pretraining`` (the loop)
5. ``few_labels`` (who learns from what where few rows have true labels), ``molecule_experiment`` (what the
   notebooks on molecules share), ``catalogue`` (what a notebook says of itself),
   ``execution`` (one notebook run), ``progress`` (the progress line), ``benchmark`` (our time against the released
   procedure's), ``throughput`` (our batches against padded ones, and against what the device can do)
6. ``gain_answer`` (will the student gain, and who should label), ``report`` (the ledger as one HTML page), ``pairs``
   (committed notebooks: publish and compare)
7. ``one_page`` (an answer as one printed page), ``chain`` (the commands that run, verify and publish the notebooks),
   ``site`` (notebooks and report as pages that need no network)
"""
