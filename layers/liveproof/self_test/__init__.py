"""A function's self-test: what it can do with the permissions and settings that it has.

`liveproof doctor` invokes every deployed function with an event `{"liveproof_self_test": TOKEN}`.
The function reads settings and secrets anew and tries everything that its work needs, so that
nothing is paid for and no verification changes: it reads a verification that does not exist, and
starts steps for it; it writes a heartbeat, a probe's upload and a probe's evidence, which expire;
it asks the vendor for an upload URL, which is free.

Neither the result nor the texts of errors hold a secret, a presigned URL or a personal field. The
settings are those of the environment, which has no secret.

code.py      which files of code and data the function has
run.py       which function tries what, and the result
trials.py    store, bucket, secrets, steps
vendors.py   what is asked of the vendors
exchanges.py HTTP exchanges, and the other side's clock
"""
