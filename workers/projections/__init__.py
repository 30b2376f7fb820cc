"""Folds of facts into read models. They decide nothing, send nothing and know no clock."""
