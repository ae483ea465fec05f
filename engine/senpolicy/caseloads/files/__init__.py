"""Tables that people bring, CSV, Parquet and Excel, each read by a process of its own within limits."""
