"""Tests of `lavr.vision`."""
