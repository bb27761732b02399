"""One file per backend; each answers the same request or says why it cannot."""
