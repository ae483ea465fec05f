"""Writing into the policy: new decisions, values, answers, open points, golden cases and readings; tidying; the lock.

Each function returns the whole texts of the files that change, by their path; `files.write` puts them in place, all of
them or none, and only where the policy passes the check with them.
"""
