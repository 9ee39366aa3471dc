"""The console: operators' view of everything that happens. It reads everything and decides nothing."""
