"""The transcription worker on RunPod."""
