"""Tests of the local planner."""
