"""Entry points: the processes that run FolioLens."""
