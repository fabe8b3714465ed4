"""What `price_elasticity` is made of; callers import that module, not these."""
