"""Nothing leaves this machine: egress lock, redaction, ledger."""
