"""The register of plays (玩法): what a code takes off, which stock it sells from, what is paid now. Knows no play."""
