"""Dead letters as operators see them: by cause, against their contract, masked; and what has been done about
them."""
