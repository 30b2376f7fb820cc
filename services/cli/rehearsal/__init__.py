"""Tell a story on a driven clock. `player` says who does what to whom; a driver does the deed.

There are two drivers: `by_commands` in this process, in seconds, and `over_http` as people who are
signed in. The same story comes to the same facts by both.
"""
