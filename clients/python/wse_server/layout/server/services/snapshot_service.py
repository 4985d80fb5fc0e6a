# SPDX-License-Identifier: MIT
"""What a snapshot service has; an instance of yours is given to WSEConfig(snapshot_service=…)."""
from wse_server.snapshots import SnapshotServiceProtocol

__all__ = ["SnapshotServiceProtocol"]
