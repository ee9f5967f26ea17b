"""The sections of a report, one file each; the catalogue finds every SectionBuilder here and puts them in order."""
