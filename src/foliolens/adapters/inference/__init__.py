"""Where costly calculations run: in a thread of this process, or in a process beside the server."""
