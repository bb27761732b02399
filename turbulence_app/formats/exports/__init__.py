"""What a run and its failures become for other tools. Nothing here knows the machine: no paths, no names of people."""
