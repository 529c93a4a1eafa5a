"""Measure the promises of speed as ratios, each in one run, against the least that a Flask page can do."""
