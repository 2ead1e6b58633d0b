"""What `make bench` runs: figures against their budgets, floors and peers measured in the same run."""
