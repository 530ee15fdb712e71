"""One verification of a photo, from the request to the decision.

LIVEPROOF_API=... LIVEPROOF_API_KEY=... python verify.py photo.jpg
"""

import os
import sys

from liveproof_client import ApiError, Liveproof, UploadError, describe_file

photo = sys.argv[1]
with Liveproof(os.environ["LIVEPROOF_API"], os.environ["LIVEPROOF_API_KEY"]) as liveproof:
    try:
        created = liveproof.create(
            {
                "check": "photo",
                "inputs": {"image": describe_file(photo, "image/jpeg")},
                "reference": "order-1234",
            }
        )
        # Usually the app sends the files: give it created["uploads"].
        liveproof.upload(created, {"image": photo})
    except ApiError as error:
        sys.exit(f"{error.code}: {error.detail}")
    except UploadError as error:
        sys.exit(f"{error.code}: {error}")
    # Usually the webhook brings the decision.
    verification = liveproof.wait_for_decision(created["id"], total_seconds=60)
    print(created["id"], verification["decision"])
