"""The referral service's own tables, and what is asked of them and written into them."""
