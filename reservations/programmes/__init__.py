"""Shrine programmes and group tours: sessions with pools of seats for men, women, families and wheelchairs, and turns.

A *turn* is a person's part in a programme of which everybody has one in so many days; turns of one person never overlap.
"""
