"""``python -m tests.benchmarks``: ours beside LangChain, LlamaIndex and Haystack; see ``comparison``."""

from __future__ import annotations

import sys

from .comparison import main

sys.exit(main())
