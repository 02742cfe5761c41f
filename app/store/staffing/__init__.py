"""Who works in a shop: invitations that the invited accept or decline, roles, leaving, a new owner, and the log of it.

The rows of who works there are those of shops; here are the rules of who may change them. Emits nothing: shops does.
"""
