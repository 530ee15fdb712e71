"""One module per probe, with its `PROBE`. `examining.PROBES` has their order."""
