"""The nouns of Turbulence: typed, frozen, without I/O, clock or randomness."""
