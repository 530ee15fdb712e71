"""What `liveproof doctor` asks a deployment.

probe.py        a probe: one question
findings.py     what a probe finds
examination.py  the deployment under examination, and what its functions say of themselves
examining.py    every probe in its order, none of which can end the command
probes/         one module per probe
"""
