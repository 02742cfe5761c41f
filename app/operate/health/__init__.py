"""How the machine is: listeners and how far they are behind, facts that failed, sweeps, the parts of the system.

The rows are core's. Emits nothing."""
