"""What is counted about models: numbers under a closed list of names. No text of a person ever comes near it."""
