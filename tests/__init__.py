"""Tests: they mirror app/ and search/, tell whole stories in journeys/, and break things in faults/."""
