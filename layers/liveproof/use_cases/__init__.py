"""What liveproof does. Use cases know ports and the domain, never a cloud or HTTP.

For clients: `create_verification`, `create_reflect_sequence`, `find_verification`, `renew_uploads`,
`resend_result`. Steps: `verify_upload`, `run_check`, `deliver_result`, and the timer's `sweep`. The
other modules are what these have in common.
"""
