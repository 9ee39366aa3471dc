"""An association's own spreadsheet of what it runs: read, looked at beforehand, and published."""
