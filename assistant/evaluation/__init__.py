"""The evaluation: questions with known good answers in, figures with their uncertainty out. Needs no key.

    fixtures     reads question files; names what is wrong with a line
    tags.toml    the tags that questions may carry, and what they mean
    run          asks every question, in conversation where it has several turns
    scoring      judges one reply against its question
    calculations which numbers of a sentence are covered by a calculation that it shows
    metrics      one function for each metric, and the interval of a share
    model_figures  what a language model did in a run, and what the check did to its sentences
    record       a run as a JSON file, and back
    compare      what changed between two runs
    overview     a run or a comparison as tables
    tables       tables for a terminal, or as plain text
    report       a run as one HTML page (style: report.css)

    judged_sets       passages, queries and which answer which, read as BEIR writes them
    rankings          passages ranked by vector, by words, by both fused, and as the product does
    ranking_metrics   nDCG, recall and MRR of rankings, with bootstrap intervals
    ranking_overview  what was measured on a judged set, as tables and as JSON

Follow a question from ``fixtures.load_fixtures`` to ``run.ask_all``, ``scoring.judge`` and ``metrics``;
a judged set from ``judged_sets.load_judged_set`` to ``rankings.rank`` and ``ranking_metrics.score``.
"""
