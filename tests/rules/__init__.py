"""Tests of the rules: one file a rule, written in the words of `vocabulary.py`."""
