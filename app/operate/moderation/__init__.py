"""Moderation: reports by readers, take-downs by moderators, and the audit of both; approves what is published.

Every kind of thing that can be taken down has one small class in kinds/. Emits nothing: the owner of the thing does."""
