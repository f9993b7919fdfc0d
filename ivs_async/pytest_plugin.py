"""Pytest fixtures on the local IVS. Loads nothing heavy until a fixture is asked for."""
