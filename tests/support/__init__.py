"""Real servers and small tools the tests share."""
