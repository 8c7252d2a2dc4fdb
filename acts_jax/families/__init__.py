"""The functions, one file a family: the name of a file says what its functions have in common."""
