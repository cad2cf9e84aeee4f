"""Faces of lavr: short scripts to run and sample pictures to try them on."""
