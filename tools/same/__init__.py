"""`make same BASE=`: does a commit of the engine, and this tree, give the same bytes for the same cases and commands?

Both sides are driven through their command line only, each with its own environment, engine and policy files. So it
says something of a change of the engine, where `senpolicy compare` reads both sides with one engine.
"""
