"""What a local AWS may be deployed with: the params of serverless.yml."""

from __future__ import annotations

from tools.deployment.serverless_params import require_known

__all__ = ["CORS_PARAMETER", "require_known"]

CORS_PARAMETER = "corsOrigins"
"""Origins of browsers that may upload, comma separated."""
