"""Measurements of the documentation: what a call costs beside bare aiohttp and the peers."""
