"""What is measured against what: `make bench`; the table is in `docs/architecture/performance.md`."""
