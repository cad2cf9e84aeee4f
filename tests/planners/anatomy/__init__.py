"""Tests of what models are made of and what they cost."""
