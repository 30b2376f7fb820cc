"""The pages, for people to read and act: server-rendered, whole without script; a module each.

What several pages need is `parts`.
"""
