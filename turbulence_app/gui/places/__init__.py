"""The places of the window: a view (widgets), a presenter (no layout) and a state (no Qt) each."""
