"""Asyncio-native client for Amazon IVS."""

__version__ = "0.1.0"
