"""Entry of the model's process; started by :class:`turbulence_app.llm.worker.client.Worker`, already confined."""

from __future__ import annotations

from turbulence_app.llm.worker.serve import main

if __name__ == "__main__":
    main()
