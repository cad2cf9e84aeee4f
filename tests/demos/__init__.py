"""The faces of lavr."""
