"""The product: one chain from donor tissue to the dose that a participant received, and back.

Genealogy, process, release, comparability, dose and nebuliser are modules here; what instruments write is read by
one file each in `assays`. The room stands above statistics, since a release limit or an equivalence is one.
"""
