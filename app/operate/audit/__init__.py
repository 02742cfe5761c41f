"""The audit log as a page: who of the staff did what to whom, when and why. The rows are core's. Emits nothing."""
