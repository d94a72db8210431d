"""No business meaning: settings, database session, clock, money, errors, outbox, audit, languages, calendars.

Everything above may import the kernel; the kernel imports nothing above. Only kernel/web imports Flask.
"""
