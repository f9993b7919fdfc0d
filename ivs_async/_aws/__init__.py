"""AWS over HTTP: requests, signing, retries, paging. Knows nothing of Amazon IVS."""
