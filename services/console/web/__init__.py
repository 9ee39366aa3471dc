"""The console's pages: for operators, below `/console`. `site` puts them together."""
