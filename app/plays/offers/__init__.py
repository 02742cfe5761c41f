"""The register of plays (玩法), and the written order in which their deals apply to a basket. Knows no play."""
