"""Columns of the design and of the office by their names and values: weights, strata, clusters, identifiers, times."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from survey.base._personal_words import folded
from survey.codebook import Variable

__all__ = ["looks_like_id", "looks_like_weight", "named_role"]

_NAMES: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        role: re.compile(rf"\b(?:{'|'.join(names)})\b")
        for role, names in {
            "weight": (
                *("w", "wt", "wts", "wgt", "wght", "wtg", "pw", "pwt", "pweight", "pweights", "weights?", "weighting"),
                *(
                    "pond",
                    "ponderad[oa]r?",
                    "ponderacion",
                    "pondera",
                    "poids",
                    "peso",
                    "pesos",
                    "fexp?",
                    "fac",
                    "factor",
                ),
                *("factor de expansion", "fator", "expansion", "trong so", "quyen so", "he so", "raking", "trongso"),
                *("quyenso", "wtssall", "facteur"),
            ),
            "stratum": (
                *(
                    "strata",
                    "stratum",
                    "strat",
                    "estratos?",
                    "estrato pri",
                    "strates?",
                    "phan tang",
                    "lop tang",
                    "tang",
                ),
                "stratification",
            ),
            "psu": (
                *("psu", "psus", "upm", "ups", "usm", "cluster", "clusters", "clust", "clusterid", "conglomerado"),
                *("conglomerados", "grappe", "cum", "dia ban", "diaban", "ea", "enumeration area", "segmento"),
                *("primary sampling unit", "sampling point", "diem mau", "diem khao sat", "to dan pho"),
                *("wards?", "phuong", "xa", "xa phuong", "phuong xa", "px", "thon", "commune", "village"),
            ),
            "id": (
                *(
                    "id",
                    "ids",
                    "uuid",
                    "guid",
                    "seq",
                    "sequence",
                    "serial",
                    "case ?id",
                    "hh ?id",
                    "resp(?:ondent)? ?id",
                ),
                *(
                    "instance ?id",
                    "key",
                    "folio",
                    "phieu",
                    "ma phieu",
                    "so phieu",
                    "maphieu",
                    "sophieu",
                    "stt",
                    "token",
                ),
                *("so thu tu", "ma ho", "record", "respid", "caseid", "questionnaire (?:no|number)", "cuestionario"),
                *("respondent", "response", "index", "idno", "interview ?id", "ma so", "respondentid", "responseid"),
            ),
            "paradata": (
                *("timestamp", "dau thoi gian", "submitdate", "submission ?date", "submission time", "start ?time"),
                *("end ?time", "start", "end", "thoi gian bat dau", "thoi gian ket thuc", "deviceid", "device ?id"),
                *("duration", "marca temporal", "horodateur", "date ?stamp", "created", "modified", "last action"),
            ),
        }.items()
    }
)  # by the name of a column in the form that `folded` gives
_DISTINCT, _NEAR_ONE = 5, 0.01


def named_role(v: Variable) -> str:
    """The part of a design that a column's name speaks of: "weight", "stratum", "psu", "id", "paradata", or ""."""
    name = folded(v.name)
    return next((role for role, pattern in _NAMES.items() if pattern.search(name)), "")


def looks_like_weight(column: pd.Series, named: bool) -> bool:
    """Whether numbers may be weights: positive, of many values, with a mean of 1 or a name that says so.

    A column called after weights also counts where its numbers are whole but stand for many people each, or sum to a
    population; by its values alone, a mean that is 1 to a hundredth and fractions that no scale has.
    """
    given = column.dropna()
    if given.empty or not pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        return False
    values = given.to_numpy(float)
    if not np.isfinite(values).all() or (values < 0).any() or not (values > 0).any():
        return False
    fractions = bool((values % 1 != 0).any())
    if named:
        return fractions or values.sum() > 5 * len(values)
    different = len(np.unique(values))
    return fractions and different > _DISTINCT and abs(values.mean() - 1) < _NEAR_ONE and (values > 0).all()


def looks_like_id(column: pd.Series, rows: int) -> bool:
    """Whether hardly any two rows have one value: short texts or whole numbers."""
    given = column.dropna()
    if len(given) < 0.98 * rows or given.nunique() <= 0.98 * rows:
        return False
    if pd.api.types.is_numeric_dtype(column.dtype):
        return bool((given % 1 == 0).all())
    return not pd.api.types.is_datetime64_any_dtype(column.dtype) and given.astype(str).str.len().mean() <= 40
