"""The navigator's pages. `site` puts them together; nothing is imported here, for parts need each other."""
