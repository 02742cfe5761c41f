"""Topics (#露营): a name that posts share, once for all its spellings. Emits nothing."""
