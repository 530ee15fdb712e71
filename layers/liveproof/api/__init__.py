"""The HTTP API: routes, bodies, authentication, problem documents."""
