"""Telemetry: what models were asked, who answered, how long it took, what failed."""
