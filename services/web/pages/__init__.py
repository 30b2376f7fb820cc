"""The pages, for people to read and act: server-rendered, whole without script."""
