"""Screening rules, one file each (``sNN_key.py``), written once in Ibis; found by listing this folder.

A rule file has ``RULE`` (domain.screening.Rule), ``find(data, p)`` and ``explain(hit)``.

``data`` (data.Data) holds Ibis tables; ``p`` maps parameter names to numbers (int or float).
Keys (``mdtrt_id setl_id psn_no fixmedins_code med_list_codg`` and the doctors' codes) are opaque: they may be coded as
integers. Join, group and compare them; never slice them, never write one in a rule. Names of items come from lists.

``find`` returns these columns (any order); every further column is a fact for the sentence:

================  =============================================================================================
fixmedins_code    institution
psn_no            person; leave out or null where the hit is about an institution alone
window_start/end  dates, both included
quantity          number (times, days, lines, packs; the sentence says which)
amount            in-scope 元, decimal, rounded half up to 2 places
visits            array of mdtrt_id
lines             array of feedetl_sn; leave out where visits say enough
================  =============================================================================================

The runner keeps one hit per (model, institution, person, window start), that of the largest amount.
Only valid, settled, netted data reach a rule. Facts must not be named like a hit column.
"""
