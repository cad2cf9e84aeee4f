"""Models, and a method without one, that cut things out of a picture: from a box or points to a mask."""
