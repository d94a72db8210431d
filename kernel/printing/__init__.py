"""What is printed on paper: pages with Persian letters joined, in either direction, without a browser.

Vocabulary: *start* is the side where one begins to read, right in Persian and left in English; *end* is the other.
"""
