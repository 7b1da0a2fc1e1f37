"""The HTTP specification, row by row, over real sockets: one file per section, one case per row.

An id such as `http-3.1-int-space` names the section. Where ferrofunc differs on purpose, the case
says what ferrofunc does and its id has `differs` in it; the reason stands in docs/differences.md.
"""
