"""Tests of the models behind the tools."""
