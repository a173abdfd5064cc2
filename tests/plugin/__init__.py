"""The real dynamic provider plugin, over gRPC, as the engine speaks to it."""
