"""Where personal data is kept: encrypted per person, shown by role, and every look written down."""
