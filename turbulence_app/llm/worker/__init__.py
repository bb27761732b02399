"""The model's own process: what runs in it (``serve``), and how its parent talks to it (``client``)."""
