"""Tests of the rendering layer."""
