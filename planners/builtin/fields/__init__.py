"""Fields of documents (total, date, company, any labelled value), found in OCR lines without a model."""

from .catalogue import FIELDS, canonical
from .dates import find_dates, find_times, parse_date, parse_time
from .find import find_field, find_fields
from .model import Field, FieldKind, ValueType
from .money import Amount, find_amounts, parse_money

__all__ = [
    "FIELDS",
    "Amount",
    "Field",
    "FieldKind",
    "ValueType",
    "canonical",
    "find_amounts",
    "find_dates",
    "find_field",
    "find_fields",
    "find_times",
    "parse_date",
    "parse_money",
    "parse_time",
]
