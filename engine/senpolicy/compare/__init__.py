"""Comparing two versions of the policy: exactly, over every case; over a caseload; over decisions already issued."""

from senpolicy.compare.regions import Compared, Region, compare, policies, same_facts
from senpolicy.compare.report import Report

__all__ = ["Compared", "Region", "Report", "compare", "policies", "same_facts"]
