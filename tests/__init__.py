"""The tests of lavr; they mirror its folders."""
