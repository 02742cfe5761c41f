"""Reach: when, how often and where a person wants to be told of his notices; and the ways out of the house.

His settings, phones and contacts, and one small class for each channel in channels/. Emits ContactAsked.
"""
