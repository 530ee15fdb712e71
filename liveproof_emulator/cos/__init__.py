"""The object storage (COS): objects, lists, settings of buckets, notifications."""
