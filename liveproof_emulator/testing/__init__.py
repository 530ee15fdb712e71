"""The emulator in tests.

`start()` serves it from a thread of the test's process, `start_process()` from a process of its
own. Both return a `Running`, whose methods are the same:

    with testing.start() as vendor:
        vendor.fault("CompareFace", "timeout-after-charge")
        ...

`photo`, `video`, `device_data` and `live_data` make files that the emulator accepts.
"""

from liveproof_emulator.testing.files import device_data, live_data, photo, video
from liveproof_emulator.testing.process import EmulatorProcess, start_process
from liveproof_emulator.testing.running import Running
from liveproof_emulator.testing.thread import EmulatorThread, start

__all__ = [
    "EmulatorProcess",
    "EmulatorThread",
    "Running",
    "device_data",
    "live_data",
    "photo",
    "start",
    "start_process",
    "video",
]
