"""Files that people add to a request: taken in, looked into by the worker, handed out, and kept whole."""
