"""The house rules: layout, sizes, imports, docs, installation."""
