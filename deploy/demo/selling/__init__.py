"""From a web form to a renewal: what an administrator defines, and what colleagues and a customer do."""
