"""Sight: the only place where requests, people, messages and files are selected.

It has two doors. `visible` and `desk` read what a user sees, with `visible_to(user)` first in the filter. `holder`,
`system` and `system_files` read, each by a name of its own, what the holder of a secret or the worker may read.
"""
