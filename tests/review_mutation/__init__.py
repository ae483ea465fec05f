"""The review mutation score: changes of the policy by a seed, each review held against brute force over cases."""
