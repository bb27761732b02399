"""What models are asked for: prompt, schema, validator and fallback, one file each."""
