"""Benchmarks against anchors that anyone can run: `python -m deploy.bench teller|gateway|tap|pages|visitors --json`."""
