"""The SenseID private cloud, version 1.8: silent liveness and face comparison without accounts."""
