"""The navigator: gives each referral to a link worker and follows the work with it, as case and tasks."""
