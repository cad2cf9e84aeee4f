"""Models that tell what is on a picture, each behind the same small protocol."""
